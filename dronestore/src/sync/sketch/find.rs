//! From ids back to rows: the latest changes first, and where those do not tell, one pass over the heads.

use super::cell::{Id, id_of};
use super::kept::{first, schemas};
use crate::repo::{LogRows, each_moved, head_hash, rows};
use dronestore_core::Result;
use dronestore_core::store::{Direction, Range, Snapshot};
use std::collections::HashMap;

/// How many bits the filter has: most of what is passed over is not looked up.
const FILTER_BITS: usize = 1 << 16;
/// How many changes are looked at when all that has to be found was.
const SPARE: usize = 1000;

/// Ids whose rows are looked for.
pub(crate) struct Wanted {
    salt: u64,
    filter: Vec<u64>,
    places: HashMap<Id, Place>,
    /// How many of those that have to be found were not.
    missing: usize,
    /// How many of the others.
    others: usize,
}

#[derive(Default)]
struct Place {
    has_to_be: bool,
    row: Option<Vec<u8>>,
}

impl Wanted {
    /// Ids that have to be found, and those that may be.
    pub(crate) fn new(ids: &[Id], others: &[Id], salt: u64) -> Wanted {
        let mut places: HashMap<Id, Place> = others.iter().map(|id| (*id, Place::default())).collect();
        places.extend(ids.iter().map(|id| (*id, Place { has_to_be: true, row: None })));
        let missing = places.values().filter(|place| place.has_to_be).count();
        let mut filter = vec![0; FILTER_BITS / 64];
        for (word, bit) in places.keys().map(|id| bit_of(*id)) {
            filter[word] |= bit;
        }
        Wanted { salt, filter, missing, others: places.len() - missing, places }
    }

    /// How many were not found that have to be.
    pub(crate) fn missing(&self) -> usize {
        self.missing
    }

    /// The row where this version stands or stood.
    pub(crate) fn row(&self, id: Id) -> Option<&Vec<u8>> {
        self.places.get(&id)?.row.as_ref()
    }

    /// Looks at one version of a row.
    fn look(&mut self, hash: [u8; 8], row: impl FnOnce() -> Vec<u8>) {
        let id = id_of(hash, self.salt);
        let (word, bit) = bit_of(id);
        if self.filter[word] & bit != 0 {
            self.note(id, row);
        }
    }

    fn note(&mut self, id: Id, row: impl FnOnce() -> Vec<u8>) {
        let Some(place) = self.places.get_mut(&id).filter(|place| place.row.is_none()) else { return };
        place.row = Some(row());
        let left = if place.has_to_be { &mut self.missing } else { &mut self.others };
        *left -= 1;
    }

    pub(crate) fn look_in_schemas(&mut self, snapshot: &dyn Snapshot) -> Result<()> {
        for (id, row) in schemas(snapshot, self.salt)? {
            self.note(id, || row);
        }
        Ok(())
    }

    /// Goes back through the change log, over what stands there now and what stood there once: some `most` changes, or
    /// until those are found that have to be, and as far again for the others.
    pub(crate) fn look_in_log(&mut self, snapshot: &dyn Snapshot, mut most: usize) -> Result<()> {
        let mut log = LogRows::new(snapshot, 0, Direction::Backward)?;
        let (mut passed, mut has_all) = (0, false);
        while self.missing + self.others > 0 && passed < most {
            if self.missing == 0 && !has_all {
                (has_all, most) = (true, most.min(2 * passed + SPARE));
            }
            let Some((_, row)) = log.next()? else { break };
            each_moved(row, |moved| {
                passed += 1;
                let row = || rows::head_of(moved.kind, moved.key);
                self.look(moved.new, row);
                if let Some(old) = moved.old {
                    self.look(old, row);
                }
            })?;
        }
        Ok(())
    }

    /// Passes over all heads until those are found that have to be.
    pub(crate) fn look_in_heads(&mut self, snapshot: &dyn Snapshot) -> Result<()> {
        let heads = rows::all(rows::HEADS);
        let mut cursor = snapshot.scan(Range::between(&heads.start, &heads.end), Direction::Forward)?;
        while self.missing > 0
            && let Some((row, value)) = cursor.next()?
        {
            self.look(first(head_hash(value)?.as_bytes()), || row.to_vec());
        }
        Ok(())
    }
}

fn bit_of(id: Id) -> (usize, u64) {
    let bit = id as usize % FILTER_BITS;
    (bit / 64, 1 << (bit % 64))
}
