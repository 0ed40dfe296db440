//! dronestore without a store: a list of handles.

use super::Replica;
use crate::person::{Person, name};
use dronestore::version::Merged;
use dronestore::{Key, Version, Versioned};
use std::hint::black_box;

/// What a stored head has besides its state: the hash, and a byte or two for the number of the shape.
pub const HEAD: usize = 34;

/// Handles, and what the last merge gave.
pub struct Ours {
    handles: Vec<Versioned<Person>>,
    merged: Vec<Version>,
}

impl Ours {
    /// The version of a record.
    pub fn version(&self, id: usize) -> &Version {
        self.handles[id].version().unwrap()
    }
}

impl Replica for Ours {
    const NAME: &'static str = "dronestore";

    fn new(_actor: u64) -> Self {
        Ours { handles: Vec::new(), merged: Vec::new() }
    }

    fn create(&mut self, id: usize, person: Person) {
        let mut handle = Versioned::new(Key::for_kind("Person", &name(id)).unwrap(), person);
        black_box(handle.commit().unwrap());
        self.handles.push(handle);
    }

    fn edit(&mut self, id: usize, round: u64) {
        let handle = &mut self.handles[id];
        handle.edit(id, round);
        black_box(handle.commit().unwrap());
    }

    fn fork(&mut self, _actor: u64) -> Self {
        let fork =
            |handle: &Versioned<Person>| Versioned::from_version(handle.version().unwrap().clone()).unwrap();
        Ours { handles: self.handles.iter().map(fork).collect(), merged: Vec::new() }
    }

    fn merge(&mut self, other: &mut Self) {
        self.merged.reserve(self.handles.len());
        for (ours, theirs) in self.handles.iter().zip(&other.handles) {
            let (ours, theirs) = (ours.version().unwrap(), theirs.version().unwrap());
            self.merged.push(match ours.merge(theirs).unwrap() {
                Merged::Known => ours.clone(),
                Merged::Forward => theirs.clone(),
                Merged::Joined(version) => version,
            });
        }
    }

    fn get(&self, id: usize) -> (String, u64, u32, Vec<String>) {
        let version = self.merged.get(id).unwrap_or_else(|| self.version(id));
        let person = Versioned::<Person>::from_version(version.clone()).unwrap();
        (person.phone.clone(), person.visits, person.age, person.tags.iter().cloned().collect())
    }

    fn saved(&mut self) -> Option<usize> {
        Some(self.handles.iter().map(|handle| handle.version().unwrap().state_bytes().len() + HEAD).sum())
    }
}
