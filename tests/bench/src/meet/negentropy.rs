//! negentropy: finding alone, over 32-byte ids, one a record. What it finds would still have to be brought over.

use super::{Meeting, Pair};
use ::negentropy::{Id, Negentropy, NegentropyStorageVector};
use std::collections::HashSet;

/// What each side has, and whether the tables are made on the clock.
struct Sets {
    here: Vec<Id>,
    there: Vec<Id>,
    tables: Option<[NegentropyStorageVector; 2]>,
    is_cold: bool,
    found: usize,
}

/// The tables are there; they have to be made anew after every change.
pub fn prepared(count: usize) -> Box<dyn Pair> {
    make(count, false)
}

/// The tables are made when they meet, as after a change.
pub fn cold(count: usize) -> Box<dyn Pair> {
    make(count, true)
}

fn make(count: usize, is_cold: bool) -> Box<dyn Pair> {
    let ids: Vec<Id> = (0..count).map(|id| hash(id, "")).collect();
    Box::new(Sets { here: ids.clone(), there: ids, tables: None, is_cold, found: 0 })
}

fn hash(id: usize, value: &str) -> Id {
    Id::from_byte_array(*blake3::hash(format!("{id} {value}").as_bytes()).as_bytes())
}

/// By the time of creation, which an edit does not change.
fn table(ids: &[Id]) -> NegentropyStorageVector {
    let mut table = NegentropyStorageVector::with_capacity(ids.len());
    ids.iter().enumerate().for_each(|(number, id)| table.insert(number as u64, *id).unwrap());
    table.seal().unwrap();
    table
}

impl Pair for Sets {
    fn edit(&mut self, ids: &[usize], value: &str) {
        ids.iter().for_each(|id| self.here[*id] = hash(*id, value));
        if !self.is_cold {
            self.tables = Some([table(&self.here), table(&self.there)]);
        }
    }

    fn meet(&mut self) -> Meeting {
        let tables = self.tables.take();
        let [here, there] = tables.unwrap_or_else(|| [table(&self.here), table(&self.there)]);
        let mut caller = Negentropy::borrowed(&here, 0).unwrap();
        let mut answerer = Negentropy::borrowed(&there, 0).unwrap();
        let (mut have, mut need) = (Vec::new(), Vec::new());
        let mut meeting = Meeting::default();
        let mut message = Some(caller.initiate().unwrap());
        while let Some(question) = message {
            let answer = answerer.reconcile(&question).unwrap();
            meeting.bytes += question.len() + answer.len();
            meeting.trips += 1.0;
            message = caller.reconcile_with_ids(&answer, &mut have, &mut need).unwrap();
        }
        assert_eq!(have.len(), need.len());
        self.found = have.iter().collect::<HashSet<_>>().len();
        meeting.finding = Some(meeting.bytes);
        meeting
    }

    fn check(&self, ids: &[usize], _: &str) {
        assert_eq!(self.found, ids.len());
    }
}
