//! How much two sides differ, from 32 bytes of each; and how many cells that takes.
//!
//! Each id adds one to a counter, or takes one away (Alon, Matias, Szegedy, "The space complexity of approximating the
//! frequency moments", 1996; one counter an id as in a count sketch). What both have cancels out, and the squares of the
//! differences add up to about the number of ids that only one has: in two of three cases to within a quarter.

use super::cell::Item;
use super::table::{CELLS, Group, LEVELS};

/// How many counters there are, of one byte each.
pub(crate) const COUNTERS: usize = 32;

/// Counters over all ids of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Estimate(pub(crate) [u8; COUNTERS]);

impl Estimate {
    pub(crate) fn add(&mut self, item: Item) {
        let (counter, step) = place(item);
        self.0[counter] = self.0[counter].wrapping_add(step);
    }

    pub(crate) fn remove(&mut self, item: Item) {
        let (counter, step) = place(item);
        self.0[counter] = self.0[counter].wrapping_sub(step);
    }

    /// About how many ids only one of two sides has. Beyond some 30,000 it is too small and still large.
    pub(crate) fn distance(&self, other: &Estimate) -> usize {
        let differences = self.0.iter().zip(&other.0).map(|(one, other)| one.wrapping_sub(*other) as i8);
        differences.map(|difference| usize::from(difference.unsigned_abs()).pow(2)).sum()
    }
}

/// The counter of an item, and what it adds.
fn place(item: Item) -> (usize, u8) {
    let bits = item.drawn >> 58;
    ((bits >> 1) as usize, if bits & 1 == 1 { 1 } else { u8::MAX })
}

/// How many cells of which groups are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Groups whose ids begin with so many bits alike.
    pub(crate) level: u32,
    /// Cells of each.
    pub(crate) cells: usize,
}

impl Plan {
    /// What nine of ten differences of about this size are found with; `None` for one that is too large.
    pub(crate) fn new(distance: usize) -> Option<Plan> {
        if distance > MOST {
            return None;
        }
        let level = (0..LEVELS).find(|level| cells_for(distance, *level) <= CELLS).unwrap_or(LEVELS);
        Some(Plan { level, cells: cells_for(distance, level).min(CELLS) })
    }

    pub(crate) fn groups(&self) -> impl Iterator<Item = Group> + use<> {
        Group::all_of(self.level)
    }
}

/// The largest difference that is worth trying: all cells that there are hold some 45,000 ids.
const MOST: usize = 42_000;

/// Decoding takes 1.4 cells an id and some more where there are few; the rest is for an estimate that is too small.
fn cells_for(distance: usize, level: u32) -> usize {
    let each = distance >> level;
    // Groups are not quite equally large.
    let spread = if level == 0 { 0 } else { 3 * each.isqrt() };
    each * 22 / 10 + spread + 10
}
