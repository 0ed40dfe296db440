//! The encoded form: bytes whose order is the order of keys.
//!
//! ```text
//! key       = *64( namespace 00 )                the root is the empty string
//! namespace = [ part 01 ] part                   field, name
//! part      = 1*( 03..FF | 02 30 | 02 31 | 02 32 )
//! ```
//!
//! A part is its UTF-8, in which the three bytes that the grammar uses are written `02 30`, `02 31` and `02 32`
//! for 00, 01 and 02. Both halves of an escape are ASCII, so an encoded key as a whole is valid UTF-8.
//!
//! Why the order holds: a part is followed by 00 (end of the namespace) or 01 (it was a field), and both are less
//! than any byte of a part, so a shorter part comes before all that continue it, and a plain namespace before one
//! with a field. The escapes of 00, 01 and 02 are ordered as these are, and all come before 03. Why a key is a
//! prefix of its descendants only: 00 stands nowhere but at the end of a namespace.
//!
//! What follows from it for those who store rows by key: a namespace begins with neither 00 nor 01, so such a byte
//! may be used to append something to a key (a kind, an attribute): the row sorts after the key, before its
//! descendants, and inside [`Key::range`]. FF occurs in no key. Encodings concatenate: the bytes of a key followed
//! by those of another are the second moved below the first.

use super::Key;
use crate::error::{Error, ErrorKind, Result};
use crate::quote::Quoted;
use std::borrow::{Borrow, Cow};
use std::sync::Arc;

/// Ends a namespace.
pub(super) const END: u8 = 0x00;
/// Ends a field.
pub(super) const FIELD: u8 = 0x01;
/// Begins the escape of itself and of the two above.
const ESCAPE: u8 = 0x02;
/// What an escaped byte is added to, so that the second half of an escape is a digit.
const ESCAPED: u8 = b'0';

/// Keys up to this length are put together on the stack, so that only the key itself is allocated.
const STACK: usize = 128;
// A namespace takes two bytes at least, so what fits the stack is within the limits.
const _: () = assert!(STACK <= 2 * Key::MAX_NAMESPACES && STACK <= Key::MAX_BYTES);

impl Key {
    /// A key from its encoded bytes, as stored or received.
    ///
    /// Strict: accepts what [`Key::as_encoded`] gives and nothing else. About 30 ns and one allocation.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt), with the place, for all other bytes.
    pub fn from_encoded(bytes: &[u8]) -> Result<Key> {
        if is_plain_key(bytes) {
            return Ok(Key(Arc::from(bytes)));
        }
        match check(bytes) {
            Ok(()) => Ok(Key(Arc::from(bytes))),
            Err((problem, at)) => Err(Error::corrupt(format!("an encoded key {problem} at byte {at}"))),
        }
    }

    /// The encoded bytes: what stores hold, in the order of keys.
    #[inline]
    pub fn as_encoded(&self) -> &[u8] {
        &self.0
    }

    /// The encoded keys from here to there, there excluded, that are this key and all its descendants.
    ///
    /// ```
    /// use dronestore_core::Key;
    ///
    /// let (start, end) = "/Team:red".parse::<Key>()?.range();
    /// let inside = |text: &str| -> Result<bool, dronestore_core::Error> {
    ///     let key: Key = text.parse()?;
    ///     Ok(start.as_slice() <= key.as_encoded() && key.as_encoded() < end.as_slice())
    /// };
    /// assert!(inside("/Team:red")? && inside("/Team:red/Person:ann")?);
    /// assert!(!inside("/Team")? && !inside("/Team:reds")? && !inside("/Team/red")?);
    /// # Ok::<(), dronestore_core::Error>(())
    /// ```
    pub fn range(&self) -> (Vec<u8>, Vec<u8>) {
        (self.0.to_vec(), self.range_end())
    }

    /// As [`Key::range`], without the key itself and without what rows may append to it with a byte 00 or 01.
    pub fn descendants_range(&self) -> (Vec<u8>, Vec<u8>) {
        let mut start = Vec::with_capacity(self.0.len() + 1);
        start.extend_from_slice(&self.0);
        start.push(ESCAPE);
        (start, self.range_end())
    }

    /// The encoded keys from here to there, there excluded, that are the instances of `field` directly below this
    /// key, and their descendants: below `/Team:red`, field `Person`, all `/Team:red/Person:…`.
    ///
    /// # Errors
    /// [`InvalidKey`](ErrorKind::InvalidKey) if the field is empty, or too long for a key with it to exist.
    ///
    /// ```
    /// use dronestore_core::Key;
    ///
    /// let (start, end) = Key::root().field_range("Person")?;
    /// let ann = Key::for_kind("Person", "ann")?;
    /// assert!(start.as_slice() <= ann.as_encoded() && ann.as_encoded() < end.as_slice());
    /// # Ok::<(), dronestore_core::Error>(())
    /// ```
    pub fn field_range(&self, field: &str) -> Result<(Vec<u8>, Vec<u8>)> {
        let mut start = self.0.to_vec();
        put_part(&mut start, Some(field), field)?;
        let mut end = start.clone();
        start.push(FIELD);
        end.push(FIELD + 1);
        // Something must fit behind the field: a name of one byte and its end.
        check_limits(start.len() + 2, self.depth() + 1, field)?;
        Ok((start, end))
    }

    fn range_end(&self) -> Vec<u8> {
        let mut end = self.0.to_vec();
        match end.last_mut() {
            Some(last) => *last = END + 1,
            None => end.push(0xff),
        }
        end
    }
}

/// Keys order and hash as their bytes do, so a map by key can be asked by bytes.
impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

/// The key with these encoded ancestors and this last namespace.
pub(super) fn join(ancestors: &[u8], field: Option<&str>, name: &str) -> Result<Key> {
    let plain = ancestors.len() + field.map_or(0, |field| field.len() + 1) + name.len() + 1;
    if plain <= STACK && field.is_none_or(is_plain) && is_plain(name) {
        return Ok(join_plain(ancestors, field, name));
    }
    let mut out = Vec::with_capacity(plain);
    out.extend_from_slice(ancestors);
    put_namespace(&mut out, field, name)?;
    let depth = out.iter().filter(|&&byte| byte == END).count();
    check_limits(out.len(), depth, name)?;
    Ok(Key(Arc::from(out)))
}

/// The hot path, a short key with nothing to escape: put together on the stack, allocated once.
#[inline]
fn join_plain(ancestors: &[u8], field: Option<&str>, name: &str) -> Key {
    let mut buffer = [END; STACK];
    let mut length = 0;
    let mut put = |part: &[u8], end: u8| {
        buffer[length..length + part.len()].copy_from_slice(part);
        buffer[length + part.len()] = end;
        length += part.len() + 1;
    };
    if let Some((&end, body)) = ancestors.split_last() {
        put(body, end);
    }
    if let Some(field) = field {
        put(field.as_bytes(), FIELD);
    }
    put(name.as_bytes(), END);
    Key(Arc::from(&buffer[..length]))
}

/// Whether a part is not empty and is its own encoding. Without a branch a byte, so that it runs in wide steps.
#[inline]
fn is_plain(part: &str) -> bool {
    !part.is_empty() && !part.bytes().fold(false, |found, byte| found | (byte <= ESCAPE))
}

/// Appends one namespace.
pub(super) fn put_namespace(out: &mut Vec<u8>, field: Option<&str>, name: &str) -> Result<()> {
    if let Some(field) = field {
        put_part(out, Some(field), field)?;
        out.push(FIELD);
    }
    put_part(out, field, name)?;
    out.push(END);
    Ok(())
}

fn put_part(out: &mut Vec<u8>, field: Option<&str>, part: &str) -> Result<()> {
    if part.is_empty() {
        return Err(empty(field));
    }
    for &byte in part.as_bytes() {
        if byte <= ESCAPE {
            out.extend_from_slice(&[ESCAPE, ESCAPED + byte]);
        } else {
            out.push(byte);
        }
    }
    Ok(())
}

/// A part as it was before it was encoded.
pub(super) fn part(encoded: &[u8]) -> Cow<'_, str> {
    if !encoded.contains(&ESCAPE) {
        // Never lossy: the bytes of a key are UTF-8 by construction.
        return String::from_utf8_lossy(encoded);
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(&byte) = rest.next() {
        let escaped = if byte == ESCAPE { rest.next() } else { None };
        bytes.push(escaped.map_or(byte, |digit| digit.wrapping_sub(ESCAPED)));
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Refuses a key that leaves the limits; `part` is what the message shows.
pub(super) fn check_limits(bytes: usize, namespaces: usize, part: &str) -> Result<()> {
    let problem = if bytes > Key::MAX_BYTES {
        format!("is {bytes} bytes long encoded, at most {} are allowed: shorten it", Key::MAX_BYTES)
    } else if namespaces > Key::MAX_NAMESPACES {
        format!("has {namespaces} namespaces, at most {} are allowed", Key::MAX_NAMESPACES)
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::InvalidKey, format!("the key with {} {problem}", Quoted(part))))
}

#[cold]
fn empty(field: Option<&str>) -> Error {
    let message = match field {
        Some("") => "the field of a key is empty: give it a character, or no field at all".into(),
        Some(field) => format!("the name in field {} of a key is empty: give it a character", Quoted(field)),
        None => "a name in a key is empty: give it a character".into(),
    };
    Error::new(ErrorKind::InvalidKey, message)
}

/// Whether these are the bytes of a short key of ASCII without escapes: what most keys are, and seen in one pass.
#[inline]
fn is_plain_key(bytes: &[u8]) -> bool {
    let (mut all, mut last, mut in_name) = (0, END, false);
    for &byte in bytes {
        all |= byte;
        if byte <= ESCAPE {
            // Nothing to unescape, no part is empty, and one field a namespace.
            if byte == ESCAPE || last <= FIELD || byte == FIELD && in_name {
                return false;
            }
            in_name = byte == FIELD;
        }
        last = byte;
    }
    all.is_ascii() && last == END && bytes.len() <= STACK
}

/// What is wrong with encoded bytes, and where.
type Fault = (&'static str, usize);

fn check(bytes: &[u8]) -> Result<(), Fault> {
    if bytes.len() > Key::MAX_BYTES {
        return Err(("is longer than 1024 bytes", Key::MAX_BYTES));
    }
    std::str::from_utf8(bytes).map_err(|error| ("is not UTF-8", error.valid_up_to()))?;
    let mut at = 0;
    for (index, namespace) in bytes.split_inclusive(|&byte| byte == END).enumerate() {
        if index == Key::MAX_NAMESPACES {
            return Err(("has more than 64 namespaces", at));
        }
        check_namespace(namespace, at)?;
        at += namespace.len();
    }
    Ok(())
}

fn check_namespace(namespace: &[u8], mut at: usize) -> Result<(), Fault> {
    let body = namespace.strip_suffix(&[END]).ok_or(("is cut off", at + namespace.len()))?;
    for (index, part) in body.split(|&byte| byte == FIELD).enumerate() {
        match index {
            _ if part.is_empty() => return Err(("has an empty part", at)),
            0 | 1 => check_escapes(part, at)?,
            _ => return Err(("has a second field", at)),
        }
        at += part.len() + 1;
    }
    Ok(())
}

fn check_escapes(part: &[u8], at: usize) -> Result<(), Fault> {
    let escapes = part.iter().enumerate().filter(|&(_, &byte)| byte == ESCAPE);
    for (index, _) in escapes {
        if !matches!(part.get(index + 1), Some(b'0'..=b'2')) {
            return Err(("has an unknown escape", at + index));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_in_one_pass_is_a_key() {
        const BYTES: [u8; 6] = [END, FIELD, ESCAPE, b'0', b'a', 0x80];
        let mut plain = 0;
        for length in 0..=6u32 {
            for number in 0..6usize.pow(length) {
                let bytes: Vec<u8> = (0..length).map(|at| BYTES[number / 6usize.pow(at) % 6]).collect();
                let usual = bytes.iter().all(|byte| ![ESCAPE, 0x80].contains(byte));
                assert_eq!(is_plain_key(&bytes), usual && check(&bytes).is_ok(), "{bytes:?}");
                plain += usize::from(is_plain_key(&bytes));
            }
        }
        assert!(plain > 100);
        assert!(is_plain_key(&b"a\0".repeat(64)) && !is_plain_key(&b"a\0".repeat(65)));
    }
}
