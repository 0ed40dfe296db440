//! `conflict`: the newest write, and a person is asked.

use super::{Change, Decision, Entry, Register, Replaces, newest};
use crate::error::Result;
use std::borrow::Cow;

/// The newest write, and the object is listed as conflicted until the others are resolved.
///
/// | met | reads as |
/// |---|---|
/// | two concurrent writes of different values | the newer; the object is in conflict |
/// | two concurrent writes of one value | that value; no conflict |
/// | a commit onto a conflict | replaces the entry it was reading; the others wait for a decision |
///
/// Stored: dot → value. Not for fields that nobody will look at: the sides stay until somebody decides.
#[derive(Debug, Clone, Copy)]
pub struct Conflict;

impl Register for Conflict {
    fn read<'a>(entries: &[Entry<'a>]) -> Result<Cow<'a, [u8]>> {
        newest(entries).map(|entry| Cow::Borrowed(entry.value))
    }

    fn write<'a>(change: &Change<'a>) -> Result<Decision<'a>> {
        let replaces = match newest(change.base) {
            Ok(entry) => Replaces::Loaded(entry.row),
            Err(_) => Replaces::Seen,
        };
        Ok(Decision::Put(Cow::Borrowed(change.new), replaces))
    }

    fn conflict(entries: &[Entry<'_>]) -> bool {
        entries.windows(2).any(|pair| pair[0].value != pair[1].value)
    }
}
