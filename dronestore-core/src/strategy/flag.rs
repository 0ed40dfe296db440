//! `flag`: true wins over a concurrent false; `flag(false_wins)`.

use super::{Change, Decision, Entry, Register, Replaces, Table};
use crate::error::Result;
use std::borrow::Cow;

/// The canonical encoding of true.
pub(crate) const TRUE: &[u8] = &[0xf5];
/// The canonical encoding of false.
pub(crate) const FALSE: &[u8] = &[0xf4];

/// A bool in which true wins over a concurrent false.
///
/// | met | reads as |
/// |---|---|
/// | true and a concurrent false | true |
/// | false written by someone who has seen the true | false |
///
/// Stored: dot → bool. Not for a bool where the newer decision should count: use `latest`.
#[derive(Debug, Clone, Copy)]
pub struct Flag;

/// A bool in which false wins over a concurrent true; otherwise as [`Flag`].
#[derive(Debug, Clone, Copy)]
pub struct FlagFalseWins;

impl Register for Flag {
    const PUTS_FIRST: bool = true;

    fn read<'a>(entries: &[Entry<'a>], _: &Table<'_>) -> Result<Cow<'a, [u8]>> {
        let any = entries.iter().any(|entry| entry.value == TRUE);
        Ok(Cow::Borrowed(if any { TRUE } else { FALSE }))
    }

    fn write<'a>(change: &Change<'a>) -> Result<Decision<'a>> {
        Ok(Decision::Put(Cow::Borrowed(change.new), Replaces::Seen))
    }
}

impl Register for FlagFalseWins {
    const PUTS_FIRST: bool = true;

    fn read<'a>(entries: &[Entry<'a>], _: &Table<'_>) -> Result<Cow<'a, [u8]>> {
        let all = entries.iter().all(|entry| entry.value == TRUE);
        Ok(Cow::Borrowed(if all { TRUE } else { FALSE }))
    }

    fn write<'a>(change: &Change<'a>) -> Result<Decision<'a>> {
        Flag::write(change)
    }
}
