//! The floor: plain structs with a stamp a field, merged by hand. No history, no hash, nothing general.

use super::Replica;
use crate::person::{Person, phone};
use std::collections::BTreeMap;

/// Time and actor.
type Stamp = (u64, u64);

#[derive(Clone)]
struct Stamped<T>(T, Stamp);

impl<T: Clone> Stamped<T> {
    fn merge(&mut self, other: &Self) {
        if other.1 > self.1 {
            self.clone_from(other);
        }
    }
}

/// A person with what merging needs.
#[derive(Clone)]
pub struct FloorPerson {
    first: Stamped<String>,
    last: Stamped<String>,
    phone: Stamped<String>,
    age: u32,
    visits: Vec<(u64, u64)>,
    tags: BTreeMap<String, (Stamp, bool)>,
    gender: Stamped<Option<String>>,
}

impl FloorPerson {
    /// A new record.
    pub fn new(person: Person, stamp: Stamp) -> Self {
        FloorPerson {
            first: Stamped(person.first, stamp),
            last: Stamped(person.last, stamp),
            phone: Stamped(person.phone, stamp),
            age: person.age,
            visits: vec![(stamp.1, person.visits)],
            tags: person.tags.into_iter().map(|tag| (tag, (stamp, true))).collect(),
            gender: Stamped(person.gender, stamp),
        }
    }

    fn count(&mut self, actor: u64, by: u64) {
        match self.visits.iter_mut().find(|(known, _)| *known == actor) {
            Some((_, total)) => *total += by,
            None => self.visits.push((actor, by)),
        }
    }

    fn merge(&mut self, other: &Self) {
        self.first.merge(&other.first);
        self.last.merge(&other.last);
        self.phone.merge(&other.phone);
        self.gender.merge(&other.gender);
        self.age = self.age.max(other.age);
        for &(actor, total) in &other.visits {
            match self.visits.iter_mut().find(|(known, _)| *known == actor) {
                Some((_, ours)) => *ours = (*ours).max(total),
                None => self.visits.push((actor, total)),
            }
        }
        for (tag, theirs) in &other.tags {
            match self.tags.get_mut(tag) {
                Some(ours) if theirs.0 > ours.0 => *ours = *theirs,
                Some(_) => {}
                None => drop(self.tags.insert(tag.clone(), *theirs)),
            }
        }
    }
}

/// A list of them.
pub struct Floor {
    people: Vec<FloorPerson>,
    actor: u64,
    clock: u64,
}

impl Floor {
    fn tick(&mut self) -> Stamp {
        self.clock += 1;
        (self.clock, self.actor)
    }
}

impl Replica for Floor {
    const NAME: &'static str = "floor by hand";

    fn new(actor: u64) -> Self {
        Floor { people: Vec::new(), actor, clock: 0 }
    }

    fn create(&mut self, _: usize, person: Person) {
        let stamp = self.tick();
        self.people.push(FloorPerson::new(person, stamp));
    }

    fn edit(&mut self, id: usize, round: u64) {
        let stamp = self.tick();
        let person = &mut self.people[id];
        person.phone = Stamped(phone(id, round), stamp);
        person.count(stamp.1, 1);
    }

    fn fork(&mut self, actor: u64) -> Self {
        Floor { people: self.people.clone(), actor, clock: self.clock }
    }

    fn merge(&mut self, other: &mut Self) {
        for (ours, theirs) in self.people.iter_mut().zip(&other.people) {
            ours.merge(theirs);
        }
    }

    fn get(&self, id: usize) -> (String, u64, u32, Vec<String>) {
        let person = &self.people[id];
        let tags = person.tags.iter().filter(|(_, (_, there))| *there).map(|(tag, _)| tag.clone());
        let visits = person.visits.iter().map(|(_, total)| total).sum();
        (person.phone.0.clone(), visits, person.age, tags.collect())
    }

    fn saved(&mut self) -> Option<usize> {
        None
    }
}
