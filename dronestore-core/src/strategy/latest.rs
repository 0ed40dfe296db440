//! `latest`: newest write wins.

use super::{Change, Decision, Entry, Register, Replaces, Table, newest};
use crate::error::Result;
use std::borrow::Cow;

/// The newest write; concurrent others stay listed until a write has seen them.
///
/// | met | reads as |
/// |---|---|
/// | one write has seen the other | the later one, whatever the clocks say |
/// | two concurrent writes | the one with the larger stamp |
/// | equal times | the larger (actor, sequence), the same on every replica |
///
/// Stored: dot → value. Not for a value that several people add to: use a set, a counter, a map.
#[derive(Debug, Clone, Copy)]
pub struct Latest;

impl Register for Latest {
    const PUTS_FIRST: bool = true;

    fn read<'a>(entries: &[Entry<'a>], _: &Table<'_>) -> Result<Cow<'a, [u8]>> {
        newest(entries).map(|entry| Cow::Borrowed(entry.value))
    }

    fn write<'a>(change: &Change<'a>) -> Result<Decision<'a>> {
        Ok(Decision::Put(Cow::Borrowed(change.new), Replaces::Seen))
    }
}
