//! Places where both sides have the same writes: they stay, and their rows get new numbers in place.
//!
//! Most places of two concurrent versions are like that. While a table is short, every row number and every dot takes
//! one byte, and one byte in the result; so the bytes of one side are copied in one go, and the two bodies may differ
//! in those bytes only.

use super::form::{Child, Structure};
use super::join::{Fate, Join, MAX_NESTING, Slot};
use crate::value;

/// The most rows for which each takes one byte: a dot is `(row + 1) << 1 | more`, below 128.
const MOST_ROWS: usize = 63;

impl Join {
    /// Appends the body that both sides have, if each of its rows means one dot on both; else appends nothing.
    pub(super) fn same(
        &mut self,
        structure: Structure<'_>,
        ours: &[u8],
        theirs: &[u8],
        out: &mut Vec<u8>,
    ) -> Option<()> {
        if ours.len() != theirs.len() || self.used.len() > MOST_ROWS {
            return None;
        }
        let start = out.len();
        out.extend_from_slice(ours);
        let mut walk =
            Walk { bytes: &mut out[start..], theirs, slots: (&self.ours, &self.theirs), rows: 0, unlike: 0 };
        let walked = match structure {
            Structure::Values => walk.values(0, ours.len()),
            Structure::Map(child @ (Child::Unit | Child::Values)) if self.depth < MAX_NESTING => {
                walk.map(child)
            }
            _ => None,
        };
        let (rows, unlike) = (walk.rows, walk.unlike);
        if walked.is_none() || !differ_in(unlike, ours, theirs) {
            out.truncate(start);
            return None;
        }
        (0..self.used.len()).filter(|row| rows >> row & 1 == 1).for_each(|row| self.used[row] = true);
        walked
    }
}

/// Whether two bodies of one length differ in just so many bytes.
#[inline]
fn differ_in(count: usize, ours: &[u8], theirs: &[u8]) -> bool {
    match count {
        0 => ours == theirs,
        _ => ours.iter().zip(theirs).filter(|(a, b)| a != b).count() == count,
    }
}

/// A walk from row to row through a copy of our body.
struct Walk<'w> {
    bytes: &'w mut [u8],
    theirs: &'w [u8],
    slots: (&'w [Slot], &'w [Slot]),
    /// Which rows of the result the body bears, a bit for each.
    rows: u64,
    /// In how many bytes that name a row the two bodies differ.
    unlike: usize,
}

impl Walk<'_> {
    fn values(&mut self, mut at: usize, end: usize) -> Option<()> {
        while at < end {
            self.bytes[at] = self.shared(self.bytes[at], self.theirs[at])?;
            at += 1 + value::item_len(self.bytes.get(at + 1..end)?).ok()?;
        }
        Some(())
    }

    fn map(&mut self, child: Child<'_>) -> Option<()> {
        let mut at = self.dots(0)?;
        while at < self.bytes.len() {
            at += value::item_len(&self.bytes[at..]).ok()?;
            at = self.dots(at)?;
            if child != Child::Unit {
                let size = usize::from(*self.bytes.get(at).filter(|size| **size < 0x80)?);
                let below = at + 1;
                at = Some(below + size).filter(|end| *end <= self.bytes.len())?;
                self.values(below, at)?;
            }
        }
        Some(())
    }

    /// Renumbers the list of dots that stands here; gives where it ends.
    #[inline]
    fn dots(&mut self, mut at: usize) -> Option<usize> {
        loop {
            let (x, y) = (*self.bytes.get(at)?, *self.theirs.get(at)?);
            match (x >> 1, y >> 1) {
                (0, 0) => {}
                (a, b) => {
                    self.bytes[at] = (self.shared(a.checked_sub(1)?, b.checked_sub(1)?)? + 1) << 1 | x & 1;
                }
            }
            at += 1;
            match (x & 1, y & 1) {
                (0, 0) => return Some(at),
                (1, 1) => {}
                _ => return None,
            }
        }
    }

    /// The new number of a row, if it is the same dot on both sides.
    #[inline]
    fn shared(&mut self, ours: u8, theirs: u8) -> Option<u8> {
        let (x, y) = (self.slots.0.get(usize::from(ours))?, self.slots.1.get(usize::from(theirs))?);
        if x.fate != Fate::Shared || y.fate != Fate::Shared || x.to != y.to {
            return None;
        }
        self.unlike += usize::from(ours != theirs);
        self.rows |= 1 << x.to;
        Some(x.to as u8)
    }
}
