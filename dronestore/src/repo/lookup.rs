//! Lookup: reading heads one after the other, knowing where there are none.

use super::rows;
use dronestore_core::Result;
use dronestore_core::store::{Bytes, Direction, Range, Snapshot};

/// How many gaps are looked for in vain before a transaction stops looking.
const TRIES: u8 = 4;

/// Reads heads for a transaction. New objects often come in the order of their keys, into a place where there is nothing yet:
/// after two that were not there it asks which row comes next, and up to that one there is nothing to read.
pub(crate) struct Lookup {
    /// No head lies from the first row on and before the second.
    gap: Option<(Vec<u8>, Vec<u8>)>,
    missed: bool,
    tries: u8,
}

impl Lookup {
    pub(crate) fn new() -> Lookup {
        Lookup { gap: None, missed: false, tries: TRIES }
    }

    /// The value of a head's row; every call with the same snapshot.
    pub(crate) fn get(&mut self, row: &[u8], snapshot: &dyn Snapshot) -> Result<Option<Bytes>> {
        if let Some((start, end)) = &self.gap
            && row < end.as_slice()
            && start.as_slice() <= row
        {
            self.tries = TRIES;
            return Ok(None);
        }
        let found = match self.missed && self.tries > 0 {
            true => self.find(row, snapshot)?,
            false => snapshot.get(row)?,
        };
        self.missed = found.is_none();
        Ok(found)
    }

    fn find(&mut self, row: &[u8], snapshot: &dyn Snapshot) -> Result<Option<Bytes>> {
        self.tries -= 1;
        let end = rows::all(rows::HEADS).end;
        let mut cursor = snapshot.scan(Range::between(row, &end), Direction::Forward)?;
        let next = match cursor.next()? {
            Some((next, value)) if next == row => return Ok(Some(value.into())),
            Some((next, _)) => next.to_vec(),
            None => end.clone(),
        };
        self.gap = Some((row.to_vec(), next));
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stores::MemoryStore;
    use dronestore_core::store::{Store, Write};

    fn row(number: u32) -> Vec<u8> {
        [&[rows::HEADS][..], &number.to_be_bytes()].concat()
    }

    #[test]
    fn every_answer_is_that_of_the_store() {
        let store = MemoryStore::new();
        for number in (0..200u32).filter(|number| number % 7 < 3 && number / 40 != 2) {
            store.apply(&[], &[Write::put(&row(number), &number.to_be_bytes())]).unwrap();
        }
        store.apply(&[], &[Write::put(&rows::all(rows::HEADS).end, b"")]).unwrap();
        let snapshot = store.snapshot().unwrap();
        for step in [1, 3, 7, 11, 199] {
            let mut lookup = Lookup::new();
            for number in (0..400).map(|turn| turn * step % 211) {
                let (row, number) = (row(number), number.to_be_bytes());
                let found = lookup.get(&row, &*snapshot).unwrap();
                assert_eq!(found, snapshot.get(&row).unwrap());
                assert!(found.is_none_or(|found| *found == number));
            }
        }
    }
}
