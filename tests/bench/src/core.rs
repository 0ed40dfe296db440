//! The same commits without handles: what a repo pays, which has an actor and asks the clock once a batch.

use crate::harness::{Cost, cost};
use crate::person::{Person, name};
use dronestore::model::{Committed, commit, load};
use dronestore::version::Author;
use dronestore::{ActorId, HybridClock, Key, Nanotime, Version};

/// An actor with a clock that the caller moves.
pub struct Writer {
    actor: ActorId,
    clock: HybridClock,
    wall: u64,
}

impl Writer {
    /// A writer whose actor is made of this number.
    pub fn new(actor: u8) -> Self {
        Writer {
            actor: ActorId::from_bytes([actor; 12]),
            clock: HybridClock::default(),
            wall: 1_700_000_000_000_000_000,
        }
    }

    /// Commits a value onto a version.
    pub fn commit(&mut self, person: &Person, key: &Key, base: Option<&Version>) -> Committed {
        self.wall += 1_000_000;
        let wall = Nanotime::from_nanos(self.wall);
        let mut author = Author { actor: self.actor, clock: &mut self.clock, wall };
        commit(person, key, base, base, &mut author).unwrap().result.unwrap()
    }

    /// The first version of the record of this number.
    pub fn create(&mut self, id: usize) -> Version {
        let key = Key::for_kind("Person", &name(id)).unwrap();
        self.commit(&Person::make(id), &key, None).version
    }
}

/// Creating and committing so many records.
pub fn create(count: usize) -> Cost {
    let mut writer = Writer::new(1);
    let mut versions = Vec::new();
    cost(count, || (0..count).for_each(|id| versions.push(writer.create(id))))
}

/// Editing two fields of each of so many records and committing, again and again.
pub fn editor(count: usize) -> impl FnMut() -> Cost {
    let mut writer = Writer::new(1);
    let mut versions: Vec<Version> = (0..count).map(|id| writer.create(id)).collect();
    let mut people: Vec<Person> = versions.iter().map(|version| load(version).unwrap()).collect();
    let mut round = 0;
    move || {
        round += 1;
        cost(count, || {
            for (id, (person, version)) in people.iter_mut().zip(&mut versions).enumerate() {
                person.edit(id, round);
                *version = writer.commit(person, version.key(), Some(version)).version;
            }
        })
    }
}
