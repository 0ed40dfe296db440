//! The order of values: of trees, and the same of encoded items.

use super::Value;
use super::decode::Decoder;
use super::head;
use super::integer::Integer;
use super::token::{self, Token};
use serde::de::Deserialize;
use std::cmp::Ordering;

impl Value {
    /// Null and `Some` are least, so that `None < Some(x)` holds to any depth.
    fn rank(&self) -> u8 {
        match self {
            Value::Null => 0,
            Value::Some(_) => 1,
            Value::Bool(_) => 2,
            Value::Integer(_) => 3,
            Value::Float(_) => 4,
            Value::Bytes(_) => 5,
            Value::Text(_) => 6,
            Value::List(_) => 7,
            Value::Map(_) => 8,
        }
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Value::Some(a), Value::Some(b)) => a.cmp(b),
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
            (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
            (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::List(a), Value::List(b)) => a.cmp(b),
            (Value::Map(a), Value::Map(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Value {}

/// Compares two encoded items in the order of [`Value`], without decoding them (maps excepted).
///
/// Bytes that encode nothing are still in one total order, so that sorting them is sound: they come after every item
/// that could stand in their place, and among themselves they are compared as bytes. What follows after the items
/// decides last, as bytes.
///
/// Cost: a few nanoseconds for scalars and short texts; linear for lists; maps are decoded.
///
/// ```
/// use dronestore_core::value::{compare, encode};
/// assert!(compare(&encode("b")?, &encode("aa")?).is_gt());
/// # Ok::<(), dronestore_core::Error>(())
/// ```
pub fn compare(a: &[u8], b: &[u8]) -> Ordering {
    quickly(a, b).unwrap_or_else(|| compare_items(a, b))
}

/// Texts and natural numbers, which almost every comparison is about.
#[inline]
fn quickly(a: &[u8], b: &[u8]) -> Option<Ordering> {
    let (left, right) = (head::read(a, 0).ok()?, head::read(b, 0).ok()?);
    match (left.major, right.major) {
        (head::UNSIGNED, head::UNSIGNED) => {
            let order = left.argument.cmp(&right.argument);
            Some(order.then_with(|| a[left.end..].cmp(&b[right.end..])))
        }
        (head::TEXT, head::TEXT) => {
            let ((left, x), (right, y)) = (head::content(a, &left).ok()?, head::content(b, &right).ok()?);
            Some(left.cmp(right).then_with(|| a[x..].cmp(&b[y..])))
        }
        _ => None,
    }
}

fn compare_items(a: &[u8], b: &[u8]) -> Ordering {
    let (mut left, mut right) = (Cursor { bytes: a, at: 0 }, Cursor { bytes: b, at: 0 });
    item(&mut left, &mut right, head::MAX_DEPTH).then_with(|| left.rest().cmp(right.rest()))
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// One step of a comparison: a scalar, the head of a list or `Some`, a whole map.
enum Part<'a> {
    Token(Token<'a>),
    Map(Box<Value>),
    /// All the rest, which encodes nothing.
    Garbage(&'a [u8]),
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    #[inline]
    fn next(&mut self, room: usize) -> Part<'a> {
        match token::read(self.bytes, self.at) {
            Ok((Token::Map(_), _)) => self.map(),
            Ok((Token::List(_) | Token::Some, _)) | Err(_) if room == 0 => self.garbage(),
            Ok((token, end)) => {
                self.at = end;
                Part::Token(token)
            }
            Err(_) => self.garbage(),
        }
    }

    /// Maps compare by their sorted keys, and are stored in another order. Sorting encoded keys that hold maps again
    /// would take time exponential in the depth; a tree sorts each map once.
    #[cold]
    fn map(&mut self) -> Part<'a> {
        let mut decoder = Decoder::new(self.rest());
        match Value::deserialize(&mut decoder) {
            Ok(value) => {
                self.at += decoder.at;
                Part::Map(Box::new(value))
            }
            Err(_) => self.garbage(),
        }
    }

    fn garbage(&mut self) -> Part<'a> {
        let rest = self.rest();
        self.at = self.bytes.len();
        Part::Garbage(rest)
    }
}

fn item(left: &mut Cursor<'_>, right: &mut Cursor<'_>, room: usize) -> Ordering {
    use Token::{Big, Bool, Bytes, Float, List, Negative, Text, Unsigned};
    let (a, b) = match (left.next(room), right.next(room)) {
        (Part::Token(a), Part::Token(b)) => (a, b),
        (Part::Map(a), Part::Map(b)) => return a.cmp(&b),
        (Part::Garbage(a), Part::Garbage(b)) => return a.cmp(b),
        (a, b) => return a.rank().cmp(&b.rank()),
    };
    match (a, b) {
        (Unsigned(a), Unsigned(b)) => a.cmp(&b),
        (Text(a), Text(b)) | (Bytes(a), Bytes(b)) => a.cmp(b),
        (Float(a), Float(b)) => a.total_cmp(&b),
        (Bool(a), Bool(b)) => a.cmp(&b),
        (Token::Some, Token::Some) => item(left, right, room - 1),
        (List(a), List(b)) => (0..a.min(b))
            .map(|_| item(left, right, room - 1))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| a.cmp(&b)),
        (Unsigned(_) | Negative(_) | Big { .. }, Unsigned(_) | Negative(_) | Big { .. }) => {
            Option::<Integer>::cmp(&a.integer(), &b.integer())
        }
        _ => a.rank().cmp(&b.rank()),
    }
}

impl Part<'_> {
    fn rank(&self) -> u8 {
        match self {
            Part::Token(token) => token.rank(),
            Part::Map(_) => 8,
            Part::Garbage(_) => 9,
        }
    }
}

impl Token<'_> {
    /// As [`Value::rank`].
    fn rank(&self) -> u8 {
        match self {
            Token::Null => 0,
            Token::Some => 1,
            Token::Bool(_) => 2,
            Token::Unsigned(_) | Token::Negative(_) | Token::Big { .. } => 3,
            Token::Float(_) => 4,
            Token::Bytes(_) => 5,
            Token::Text(_) => 6,
            Token::List(_) => 7,
            Token::Map(_) => 8,
        }
    }
}
