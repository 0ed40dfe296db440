//! `min`: the smallest ever written.

use super::{Change, Decision, Entry, Register, Replaces, Table, nothing};
use crate::error::Result;
use crate::value;
use std::borrow::Cow;
use std::cmp::Ordering;

/// The smallest value ever written, in the order of values, which is the order of the Rust types that fit.
///
/// | met | reads as |
/// |---|---|
/// | two concurrent writes | the smallest |
/// | a commit that would raise it | unchanged; the commit's report says so |
/// | nothing written yet | the default, which does not take part in the comparison |
///
/// Stored: dot → value, one entry unless there was real concurrency. Not for a value that must ever go back.
#[derive(Debug, Clone, Copy)]
pub struct Min;

impl Register for Min {
    const PUTS_FIRST: bool = true;

    fn read<'a>(entries: &[Entry<'a>], _: &Table<'_>) -> Result<Cow<'a, [u8]>> {
        let best = entries.iter().map(|entry| entry.value).min_by(|a, b| value::compare(a, b));
        best.map(Cow::Borrowed).ok_or_else(nothing)
    }

    fn write<'a>(change: &Change<'a>) -> Result<Decision<'a>> {
        Ok(match change.old {
            Some(old) if value::compare(change.new, old) == Ordering::Greater => {
                Decision::Leave("`min` only shrinks: the stored value stays")
            }
            _ => Decision::Put(Cow::Borrowed(change.new), Replaces::Seen),
        })
    }
}
