//! The table: cells of all ids, in 64 parts, from which the cells of any larger group are put together.

use super::cell::{Cell, ID_BITS, Id, Item};
use super::estimate::Estimate;

/// How many parts there are: one for each value of an id's first six bits.
pub(crate) const PARTS: usize = 1 << LEVELS;
/// How often everything can be halved.
pub(crate) const LEVELS: u32 = 6;
/// How many cells a group has at most.
pub(crate) const CELLS: usize = 1024;

/// Some of the ids: all those that begin alike. Group 1 is everything, and the halves of n are 2n and 2n + 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Group(pub(crate) usize);

impl Group {
    /// How many bits its ids begin with alike.
    pub(crate) fn level(self) -> u32 {
        self.0.ilog2()
    }

    pub(crate) fn all_of(level: u32) -> impl Iterator<Item = Group> {
        (1 << level..2 << level).map(Group)
    }

    /// Whether there is such a group.
    pub(crate) fn is_valid(self) -> bool {
        (1..2 * PARTS).contains(&self.0)
    }

    pub(crate) fn has(self, id: Id) -> bool {
        (id >> (ID_BITS - self.level())) as usize | 1 << self.level() == self.0
    }

    fn parts(self) -> std::ops::Range<usize> {
        let width = PARTS >> self.level();
        let first = (self.0 << (LEVELS - self.level())) - PARTS;
        first..first + width
    }
}

/// The cells of a set of ids: 512 KiB, whatever it holds.
#[derive(Clone)]
pub(crate) struct Table {
    cells: Vec<Cell>,
    estimate: Estimate,
    /// How many ids there are.
    pub(crate) count: u64,
}

impl Default for Table {
    fn default() -> Self {
        Table { cells: vec![Cell::NONE; PARTS * CELLS], estimate: Estimate::default(), count: 0 }
    }
}

impl Table {
    pub(crate) fn add(&mut self, id: Id) {
        let item = Item::new(id);
        let (part, cell) = (self.part(id), item.cell());
        item.places(CELLS).for_each(|place| part[place] = part[place].plus(cell));
        self.estimate.add(item);
        self.count = self.count.wrapping_add(1);
    }

    pub(crate) fn remove(&mut self, id: Id) {
        let item = Item::new(id);
        let (part, cell) = (self.part(id), item.cell());
        item.places(CELLS).for_each(|place| part[place] = part[place].minus(cell));
        self.estimate.remove(item);
        self.count = self.count.wrapping_sub(1);
    }

    fn part(&mut self, id: Id) -> &mut [Cell] {
        let part = (id >> (ID_BITS - LEVELS)) as usize & (PARTS - 1);
        &mut self.cells[part * CELLS..(part + 1) * CELLS]
    }

    /// By which another side tells how much it differs.
    pub(crate) fn estimate(&self) -> Estimate {
        self.estimate
    }

    /// Some cells of a group. `extras` are ids that are not in the table and are to count as if they were.
    pub(crate) fn cells(&self, group: Group, first: usize, end: usize, extras: &[Id]) -> Vec<Cell> {
        let mut sum = vec![Cell::NONE; end.saturating_sub(first)];
        for part in group.parts() {
            let cells = &self.cells[part * CELLS..(part + 1) * CELLS];
            for (sum, cell) in sum.iter_mut().zip(cells.get(first..end).unwrap_or_default()) {
                *sum = sum.plus(*cell);
            }
        }
        for item in extras.iter().filter(|id| group.has(**id)).map(|id| Item::new(*id)) {
            for place in item.places(end).filter(|place| *place >= first) {
                sum[place - first] = sum[place - first].plus(item.cell());
            }
        }
        sum
    }
}
