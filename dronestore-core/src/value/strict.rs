//! Structure: how long an item is, and whether it is the one encoding of a value.

use super::head::{self, Head};
use super::token::{self, Token};
use crate::error::Result;

/// The length of the first item in `bytes`, by its structure alone.
///
/// Cost: about a nanosecond for a scalar or a short text; else linear in the number of items. Uses no memory, however
/// deep the item.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) if the item does not end within `bytes` or has a head that no value has.
/// What is inside is not looked at: for that there is [`check`].
#[inline]
pub fn item_len(bytes: &[u8]) -> Result<usize> {
    if let Some(&first) = bytes.first() {
        match first {
            0x00..=0x17 | 0x20..=0x37 | head::FALSE..=head::NULL => return Ok(1),
            0x40..=0x57 | 0x60..=0x77 if usize::from(first & 0x1f) < bytes.len() => {
                return Ok(1 + usize::from(first & 0x1f));
            }
            // An integer of one byte behind the head, where that is its shortest form.
            0x18 | 0x38 if bytes.get(1).is_some_and(|number| *number >= 24) => return Ok(2),
            _ => {}
        }
    }
    skip(bytes, 0)
}

/// Where the item that begins at `at` ends.
pub(super) fn skip(bytes: &[u8], mut at: usize) -> Result<usize> {
    // Never more than the bytes that are left, because every count is.
    let mut pending = 1usize;
    while pending > 0 {
        let head = head::read(bytes, at)?;
        pending -= 1;
        at = head.end;
        match head.major {
            head::BYTES | head::TEXT => at = head::content(bytes, &head)?.1,
            head::LIST => pending += head::count(bytes, &head, 1)?,
            head::MAP => pending += 2 * head::count(bytes, &head, 2)?,
            head::TAG => pending += 1,
            _ => {}
        }
        if pending > bytes.len() - at {
            return Err(head::truncated(bytes));
        }
    }
    Ok(at)
}

/// The length of the first item in `bytes`, if it is the one canonical encoding of a [`Value`](super::Value).
///
/// This is the gate for bytes from outside: what it accepts decodes to a value that encodes to the same bytes.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) with the place and the reason for everything else: heads or floats that
/// are too long, indefinite lengths, keys out of order or twice, texts that are not UTF-8, NaNs, unknown tags and
/// simple values, nesting beyond [`MAX_DEPTH`](super::MAX_DEPTH).
pub fn check(bytes: &[u8]) -> Result<usize> {
    item(bytes, 0, head::MAX_DEPTH)
}

fn item(bytes: &[u8], at: usize, room: usize) -> Result<usize> {
    let (token, end) = token::read(bytes, at)?;
    if matches!(token, Token::Some | Token::List(_) | Token::Map(_)) && room == 0 {
        return Err(head::too_deep(at));
    }
    match token {
        Token::Text(content) if !content.is_ascii() && std::str::from_utf8(content).is_err() => {
            Err(head::refused(at, "a text is not UTF-8"))
        }
        Token::Some => inside_some(bytes, end, room - 1),
        Token::List(count) => (0..count).try_fold(end, |at, _| item(bytes, at, room - 1)),
        Token::Map(count) => entries(bytes, end, count, room - 1),
        _ => Ok(end),
    }
}

fn inside_some(bytes: &[u8], at: usize, room: usize) -> Result<usize> {
    match head::read(bytes, at)? {
        Head { major: head::TAG, argument, .. } if argument == u64::from(head::SOME_TAG) => {}
        _ if bytes[at] == head::NULL => {}
        _ => return Err(head::refused(at, "a some-tag stands only before null or another some-tag")),
    }
    item(bytes, at, room)
}

fn entries(bytes: &[u8], mut at: usize, count: usize, room: usize) -> Result<usize> {
    let mut previous: &[u8] = &[];
    for _ in 0..count {
        let key_end = item(bytes, at, room)?;
        let key = &bytes[at..key_end];
        // No item is empty, so the first key is always above.
        if key <= previous {
            return Err(head::refused(at, "the keys of a map are out of order or not unique"));
        }
        previous = key;
        at = item(bytes, key_end, room)?;
    }
    Ok(at)
}
