//! Decoding: from the difference of two sides' cells the ids that only one of them has.

use super::cell::{Cell, Id};
use super::table::Group;

/// The ids that only one side has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) ours: Vec<Id>,
    pub(crate) theirs: Vec<Id>,
}

impl Difference {
    fn len(&self) -> usize {
        self.ours.len() + self.theirs.len()
    }
}

/// Peels a group: a cell that holds one id alone gives it away, and without it other cells hold one alone. `None` where
/// that does not come to an end with all cells empty: there are too few cells, or they are not what they should be.
///
/// At most as many ids come out as there are cells, each after some dozen steps, whatever the cells say.
pub(crate) fn peel(group: Group, ours: &[Cell], theirs: &[Cell]) -> Option<Difference> {
    let mut cells: Vec<Cell> = ours.iter().zip(theirs).map(|(ours, theirs)| ours.minus(*theirs)).collect();
    let mut waiting: Vec<usize> = (0..cells.len()).filter(|place| cells[*place].single().is_some()).collect();
    let mut found = Difference::default();
    while let Some(place) = waiting.pop() {
        let Some((item, is_ours)) = cells[place].single() else { continue };
        // One that looks like an id and would not be here is the sum of several.
        if !group.has(item.id) || !item.places(place + 1).any(|own| own == place) {
            continue;
        }
        if found.len() >= cells.len() {
            return None;
        }
        let (cell, side) = if is_ours {
            (item.cell(), &mut found.ours)
        } else {
            (Cell::NONE.minus(item.cell()), &mut found.theirs)
        };
        side.push(item.id);
        for place in item.places(cells.len()) {
            cells[place] = cells[place].minus(cell);
            if cells[place].single().is_some() {
                waiting.push(place);
            }
        }
    }
    cells.iter().all(|cell| *cell == Cell::NONE).then_some(found)
}
