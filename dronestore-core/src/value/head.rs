//! CBOR heads: the one to nine bytes in front of every item.

use crate::error::{Error, Result};

/// How deep a value may nest: lists, maps and `Some`s inside each other.
pub const MAX_DEPTH: usize = 128;

/// The CBOR tag of a `Some` around null or around another such tag, from the range that IANA gives out first come,
/// first served.
///
/// Any decoder that ignores unknown tags reads null there, which is the nearest it can come.
pub const SOME_TAG: u16 = 54_741;

pub(super) const UNSIGNED: u8 = 0;
pub(super) const NEGATIVE: u8 = 1;
pub(super) const BYTES: u8 = 2;
pub(super) const TEXT: u8 = 3;
pub(super) const LIST: u8 = 4;
pub(super) const MAP: u8 = 5;
pub(super) const TAG: u8 = 6;
pub(super) const SIMPLE: u8 = 7;

/// Whole items of one byte.
pub(super) const FALSE: u8 = 0xf4;
pub(super) const TRUE: u8 = 0xf5;
pub(super) const NULL: u8 = 0xf6;

/// The head of the some-tag. No other head of a canonical item begins with its first byte.
pub(super) const SOME: [u8; 3] = [0xd9, SOME_TAG.to_be_bytes()[0], SOME_TAG.to_be_bytes()[1]];

/// What stands in front of an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) major: u8,
    /// The low five bits of the first byte: they tell the three widths of floats apart.
    pub(super) info: u8,
    /// The number, length, count or tag; a float's bits.
    pub(super) argument: u64,
    /// Where the head ends.
    pub(super) end: usize,
}

/// Reads the head at `at`; any but the shortest form is refused.
#[inline]
pub(super) fn read(bytes: &[u8], at: usize) -> Result<Head> {
    let Some(&first) = bytes.get(at) else { return Err(truncated(bytes)) };
    let (major, info) = (first >> 5, first & 0x1f);
    if info < 24 {
        return Ok(Head { major, info, argument: u64::from(info), end: at + 1 });
    }
    read_long(bytes, at, major, info)
}

fn read_long(bytes: &[u8], at: usize, major: u8, info: u8) -> Result<Head> {
    let rest = &bytes[at + 1..];
    let (argument, least) = match info {
        24 => (u64::from(u8::from_be_bytes(array(bytes, rest)?)), 24),
        25 => (u64::from(u16::from_be_bytes(array(bytes, rest)?)), 0x100),
        26 => (u64::from(u32::from_be_bytes(array(bytes, rest)?)), 0x1_0000),
        27 => (u64::from_be_bytes(array(bytes, rest)?), 0x1_0000_0000),
        _ => return Err(refused(at, "an indefinite length or reserved head has no place here")),
    };
    if major != SIMPLE && argument < least {
        return Err(refused(at, "a head is longer than it needs to be"));
    }
    Ok(Head { major, info, argument, end: at + 1 + (1 << (info - 24)) })
}

#[inline]
fn array<const N: usize>(bytes: &[u8], rest: &[u8]) -> Result<[u8; N]> {
    rest.first_chunk::<N>().copied().ok_or_else(|| truncated(bytes))
}

/// The content of the byte or text string with this head, and where it ends.
#[inline]
pub(super) fn content<'a>(bytes: &'a [u8], head: &Head) -> Result<(&'a [u8], usize)> {
    let rest = &bytes[head.end..];
    match usize::try_from(head.argument) {
        Ok(length) if length <= rest.len() => Ok((&rest[..length], head.end + length)),
        _ => Err(truncated(bytes)),
    }
}

/// The count of a list or map whose items take at least `least` bytes each: never more than the rest can hold, so
/// that a claimed count can be trusted for a reservation.
#[inline]
pub(super) fn count(bytes: &[u8], head: &Head, least: usize) -> Result<usize> {
    match usize::try_from(head.argument) {
        Ok(count) if count <= (bytes.len() - head.end) / least => Ok(count),
        _ => Err(truncated(bytes)),
    }
}

/// Appends the shortest head.
#[inline]
pub(super) fn put(out: &mut Vec<u8>, major: u8, argument: u64) {
    if argument < 24 {
        out.push(major << 5 | argument as u8);
    } else {
        put_long(out, major << 5, argument);
    }
}

fn put_long(out: &mut Vec<u8>, major: u8, argument: u64) {
    let bytes = argument.to_be_bytes();
    let (info, width) = match argument {
        ..0x100 => (24, 1),
        0x100..0x1_0000 => (25, 2),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 8),
    };
    out.push(major | info);
    out.extend_from_slice(&bytes[8 - width..]);
}

/// Replaces the head at `start`, which is shortest for `old`, by one for `new`.
#[cold]
pub(super) fn replace(out: &mut Vec<u8>, start: usize, major: u8, old: u64, new: u64) {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    put(&mut before, major, old);
    put(&mut after, major, new);
    out.splice(start..start + before.len(), after);
}

/// Bytes that no value encodes to.
#[cold]
pub(super) fn refused(at: usize, why: &str) -> Error {
    Error::corrupt(format!("byte {at} of a value: {why}"))
}

#[cold]
pub(super) fn truncated(bytes: &[u8]) -> Error {
    refused(bytes.len(), "the bytes end too early")
}

#[cold]
pub(super) fn too_deep(at: usize) -> Error {
    refused(at, "values are nested deeper than 128 levels")
}
