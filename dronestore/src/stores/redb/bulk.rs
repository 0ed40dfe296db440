//! Many writes at once: new pairs that stand side by side in the table are put there side by side.
//!
//! Redb goes from the root to a leaf for each write. A large batch is mostly new pairs in a few places, as objects that are
//! loaded in the order of their keys: there each leaf is filled once. (Pairs that are removed are as quickly removed one by one,
//! also where they are a tenth of all.)

use super::Pairs;
use super::fault::Watch;
use crate::Result;
use crate::store::Write;
use ::redb::{CursorError, StorageError};
use std::ops::Bound;

/// What is shorter is written pair by pair, and less than this together has not paid.
const MANY: usize = 16;
/// So many are written one by one at most before another trial.
const MOST: usize = 64;

/// Makes these writes, in their order.
pub(super) fn write(table: &mut Pairs<'_>, mut writes: &[Write<'_>], watch: &Watch) -> Result<()> {
    let mut trial = Trial::default();
    while let [write, behind @ ..] = writes {
        let mut count = 0;
        if write.value.is_some() && writes.len() >= MANY && trial.is_due(write.key) {
            count = put_into_gap(table, writes).map_err(|error| watch.error(error))?;
            trial.learn(count >= MANY);
        }
        writes = match count {
            0 => behind,
            _ => &writes[count..],
        };
        if count == 0 {
            one(table, write).map_err(|error| watch.error(error))?;
        }
    }
    Ok(())
}

fn one(table: &mut Pairs<'_>, write: &Write<'_>) -> Result<(), StorageError> {
    match write.value {
        Some(value) => table.insert(write.key, value).map(drop),
        None => table.remove(write.key).map(drop),
    }
}

/// Puts as many of the first of these as come, in order, before the next pair that is there already; says how many.
fn put_into_gap(table: &mut Pairs<'_>, writes: &[Write<'_>]) -> Result<usize, StorageError> {
    let Some(first) = writes.first() else { return Ok(0) };
    let mut cursor = table.lower_bound_mut(Bound::Included(first.key))?;
    let mut count = 0;
    for write in writes {
        let Some(value) = write.value else { break };
        match cursor.insert_before(write.key, value) {
            Ok(()) => count += 1,
            Err(CursorError::Storage(error)) => return Err(error),
            // It belongs somewhere else.
            Err(_) => break,
        }
    }
    cursor.close()?;
    Ok(count)
}

/// When to try again what did not pay: after twice as many as the last time. Among other rows (their first byte says which)
/// it may pay at once.
#[derive(Default)]
struct Trial {
    rows: Option<u8>,
    left: usize,
    last: usize,
}

impl Trial {
    fn is_due(&mut self, key: &[u8]) -> bool {
        let rows = key.first().copied();
        if self.rows != rows {
            *self = Trial { rows, left: 0, last: 0 };
        }
        let is_due = self.left == 0;
        self.left = self.left.saturating_sub(1);
        is_due
    }

    /// What the trial has told.
    fn learn(&mut self, has_paid: bool) {
        self.last = if has_paid { 0 } else { (self.last * 2 + 1).min(MOST) };
        self.left = self.last;
    }
}
