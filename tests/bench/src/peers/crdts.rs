//! crdts: a struct of registers, a set and a counter by hand. No history, no hash.

use super::Replica;
use crate::person::{Person, phone};
use ::crdts::{CmRDT, CvRDT, LWWReg, Orswot, PNCounter};
use serde::Serialize;

type Stamp = (u64, u64);
type Text = LWWReg<String, Stamp>;

/// A person; the crate has no register for a maximum, so that one is a plain number.
#[derive(Clone, Serialize)]
pub struct CrdtPerson {
    first: Text,
    last: Text,
    phone: Text,
    age: u32,
    visits: PNCounter<u64>,
    tags: Orswot<String, u64>,
    gender: LWWReg<Option<String>, Stamp>,
}

impl CrdtPerson {
    /// A new record.
    pub fn new(person: Person, (time, actor): Stamp) -> Self {
        let text = |val: String| LWWReg { val, marker: (time, actor) };
        let mut visits = PNCounter::new();
        visits.apply(visits.inc_many(actor, person.visits));
        let mut tags = Orswot::new();
        let add = tags.read_ctx().derive_add_ctx(actor);
        tags.apply(tags.add_all(person.tags, add));
        CrdtPerson {
            first: text(person.first),
            last: text(person.last),
            phone: text(person.phone),
            age: person.age,
            visits,
            tags,
            gender: LWWReg { val: person.gender, marker: (time, actor) },
        }
    }

    fn merge(&mut self, other: Self) {
        self.first.merge(other.first);
        self.last.merge(other.last);
        self.phone.merge(other.phone);
        self.age = self.age.max(other.age);
        self.visits.merge(other.visits);
        self.tags.merge(other.tags);
        self.gender.merge(other.gender);
    }
}

/// A list of them.
pub struct Crdts {
    people: Vec<CrdtPerson>,
    actor: u64,
    clock: u64,
}

impl Replica for Crdts {
    const NAME: &'static str = "crdts";

    fn new(actor: u64) -> Self {
        Crdts { people: Vec::new(), actor, clock: 0 }
    }

    fn create(&mut self, _: usize, person: Person) {
        self.clock += 1;
        self.people.push(CrdtPerson::new(person, (self.clock, self.actor)));
    }

    fn edit(&mut self, id: usize, round: u64) {
        self.clock += 1;
        let person = &mut self.people[id];
        person.phone.update(phone(id, round), (self.clock, self.actor));
        let op = person.visits.inc(self.actor);
        person.visits.apply(op);
    }

    fn fork(&mut self, actor: u64) -> Self {
        Crdts { people: self.people.clone(), actor, clock: self.clock }
    }

    fn merge(&mut self, other: &mut Self) {
        // Their merge takes its argument by value; nobody needs the other replica afterwards.
        for (ours, theirs) in self.people.iter_mut().zip(std::mem::take(&mut other.people)) {
            ours.merge(theirs);
        }
    }

    fn get(&self, id: usize) -> (String, u64, u32, Vec<String>) {
        let person = &self.people[id];
        let mut tags: Vec<String> = person.tags.read().val.into_iter().collect();
        tags.sort_unstable();
        let visits = person.visits.read().to_string().parse().unwrap();
        (person.phone.val.clone(), visits, person.age, tags)
    }

    fn saved(&mut self) -> Option<usize> {
        Some(self.people.iter().map(|person| postcard::to_allocvec(person).unwrap().len()).sum())
    }
}
