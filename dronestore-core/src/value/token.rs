//! Tokens: what one head, with the content of scalars, says. Everything that reads values reads them through here.

use super::float::{self, Shortest};
use super::head::{self, Head, SOME_TAG};
use super::integer::Integer;
use crate::error::Result;

/// One scalar, or the beginning of a list, a map or a `Some`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Token<'a> {
    Null,
    /// A some-tag; null or another some-tag follows.
    Some,
    Bool(bool),
    Unsigned(u64),
    /// The number is `-1 - n`.
    Negative(u64),
    /// A number beyond 64 bits, as the bytes of `n`, or of n in `-1 - n`. Kept as bytes, for a token with 128 bits in
    /// it costs every other one as much.
    Big {
        negative: bool,
        magnitude: &'a [u8],
    },
    /// Never a NaN.
    Float(f64),
    Bytes(&'a [u8]),
    /// Not yet known to be UTF-8.
    Text(&'a [u8]),
    /// The number of items that follow.
    List(usize),
    /// The number of entries that follow.
    Map(usize),
}

/// Reads the token at `at`, and says where it ends. A scalar in any but its canonical form is refused.
#[inline]
pub(super) fn read(bytes: &[u8], at: usize) -> Result<(Token<'_>, usize)> {
    let head = head::read(bytes, at)?;
    let token = match head.major {
        head::UNSIGNED => Token::Unsigned(head.argument),
        head::NEGATIVE => Token::Negative(head.argument),
        head::TEXT => {
            let (content, end) = head::content(bytes, &head)?;
            return Ok((Token::Text(content), end));
        }
        head::LIST => Token::List(head::count(bytes, &head, 1)?),
        head::MAP => Token::Map(head::count(bytes, &head, 2)?),
        _ => return rare(bytes, at, head),
    };
    Ok((token, head.end))
}

fn rare(bytes: &[u8], at: usize, head: Head) -> Result<(Token<'_>, usize)> {
    match head.major {
        head::BYTES => {
            let (content, end) = head::content(bytes, &head)?;
            Ok((Token::Bytes(content), end))
        }
        head::TAG if head.argument == u64::from(SOME_TAG) => Ok((Token::Some, head.end)),
        head::TAG => big(bytes, at, head),
        _ => Ok((simple(at, head)?, head.end)),
    }
}

fn simple(at: usize, head: Head) -> Result<Token<'static>> {
    let number = match head.info {
        20 => return Ok(Token::Bool(false)),
        21 => return Ok(Token::Bool(true)),
        22 => return Ok(Token::Null),
        25 => float::from_half(head.argument as u16),
        26 => f64::from(f32::from_bits(head.argument as u32)),
        27 => f64::from_bits(head.argument),
        _ => return Err(head::refused(at, "this simple value has no meaning here")),
    };
    if number.is_nan() {
        return Err(head::refused(at, "a NaN has no place in an order"));
    }
    let info = match float::shortest(number) {
        Shortest::Half(_) => 25,
        Shortest::Single(_) => 26,
        Shortest::Double(_) => 27,
    };
    if info != head.info {
        return Err(head::refused(at, "a float is longer than it needs to be"));
    }
    Ok(Token::Float(number))
}

/// Tags 2 and 3: integers that do not fit 64 bits.
fn big(bytes: &[u8], at: usize, tag: Head) -> Result<(Token<'_>, usize)> {
    if !matches!(tag.argument, 2 | 3) {
        return Err(head::refused(at, "this tag has no meaning here"));
    }
    let head = head::read(bytes, tag.end)?;
    if head.major != head::BYTES || !(9..=16).contains(&head.argument) {
        return Err(head::refused(at, "a big integer has 9 to 16 bytes"));
    }
    let (magnitude, end) = head::content(bytes, &head)?;
    let negative = tag.argument == 3;
    if magnitude[0] == 0 {
        return Err(head::refused(at, "a big integer is longer than it needs to be"));
    }
    if negative && i128::try_from(number(magnitude)).is_err() {
        return Err(head::refused(at, "an integer is below the least of 128 bits"));
    }
    Ok((Token::Big { negative, magnitude }, end))
}

fn number(magnitude: &[u8]) -> u128 {
    magnitude.iter().fold(0, |sum, &byte| sum << 8 | u128::from(byte))
}

impl Token<'_> {
    /// The number, if this is an integer.
    pub(super) fn integer(&self) -> Option<Integer> {
        match *self {
            Token::Unsigned(number) => Some(number.into()),
            Token::Negative(number) => Some((!i128::from(number)).into()),
            Token::Big { negative: false, magnitude } => Some(number(magnitude).into()),
            // A negative magnitude fits i128, as `big` made sure, and -1 - n is !n.
            Token::Big { negative: true, magnitude } => Some((!(number(magnitude) as i128)).into()),
            _ => None,
        }
    }
}
