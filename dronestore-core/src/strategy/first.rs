//! `first`: the earliest write.

use super::{Change, Decision, Entry, Register, Replaces, Table, nothing, refused};
use crate::error::Result;
use std::borrow::Cow;

/// The earliest write, kept for good; setting it again is an error at commit.
///
/// | met | reads as |
/// |---|---|
/// | two concurrent writes | the one with the smaller stamp |
/// | a commit that changes what is set | [`Refused`](crate::ErrorKind::Refused) |
///
/// Stored: dot → value; an entry is never replaced. Not for a value that may be corrected.
#[derive(Debug, Clone, Copy)]
pub struct First;

impl Register for First {
    const PUTS_FIRST: bool = true;

    fn read<'a>(entries: &[Entry<'a>], _: &Table<'_>) -> Result<Cow<'a, [u8]>> {
        let earliest = entries.iter().min_by_key(|entry| (entry.time, entry.row));
        earliest.map(|entry| Cow::Borrowed(entry.value)).ok_or_else(nothing)
    }

    fn write<'a>(change: &Change<'a>) -> Result<Decision<'a>> {
        if change.old.is_some() {
            return Err(refused(
                "`first` is set once and keeps its value; revert the handle, or use `latest`",
            ));
        }
        Ok(Decision::Put(Cow::Borrowed(change.new), Replaces::Nothing))
    }
}
