//! automerge with autosurgeon: one document, a map of structs; its own counter, a set as a map of true.

use super::Replica;
use crate::person::{Person, name, phone};
use ::automerge::transaction::Transactable;
use ::automerge::{ActorId, AutoCommit, ROOT, ReadDoc};
use autosurgeon::{Counter, Hydrate, Reconcile, hydrate_prop, reconcile_prop};
use std::collections::BTreeMap;

/// A person as autosurgeon derives it.
#[derive(Reconcile, Hydrate)]
struct AutoPerson {
    first: String,
    last: String,
    phone: String,
    age: u32,
    visits: Counter,
    tags: BTreeMap<String, bool>,
    gender: Option<String>,
}

/// One document.
pub struct Automerge {
    pub(crate) doc: AutoCommit,
}

impl Automerge {
    /// Sets one field and commits.
    pub fn set_phone(&mut self, id: usize, value: &str) {
        let (_, person) = self.doc.get(ROOT, name(id)).unwrap().unwrap();
        self.doc.put(person, "phone", value).unwrap();
        self.doc.commit();
    }
}

impl Replica for Automerge {
    const NAME: &'static str = "automerge";

    fn new(actor: u64) -> Self {
        let mut doc = AutoCommit::new();
        doc.set_actor(ActorId::from(actor.to_be_bytes()));
        Automerge { doc }
    }

    fn create(&mut self, id: usize, person: Person) {
        let person = AutoPerson {
            first: person.first,
            last: person.last,
            phone: person.phone,
            age: person.age,
            visits: Counter::with_value(person.visits as i64),
            tags: person.tags.into_iter().map(|tag| (tag, true)).collect(),
            gender: person.gender,
        };
        reconcile_prop(&mut self.doc, ROOT, name(id).as_str(), &person).unwrap();
        self.doc.commit();
    }

    // A counter is incremented only on what was hydrated, so every edit begins with that, as in its guide.
    fn edit(&mut self, id: usize, round: u64) {
        let mut person: AutoPerson = hydrate_prop(&self.doc, ROOT, name(id).as_str()).unwrap();
        person.phone = phone(id, round);
        person.visits.increment(1);
        reconcile_prop(&mut self.doc, ROOT, name(id).as_str(), &person).unwrap();
        self.doc.commit();
    }

    fn fork(&mut self, actor: u64) -> Self {
        let mut doc = self.doc.fork();
        doc.set_actor(ActorId::from(actor.to_be_bytes()));
        Automerge { doc }
    }

    fn merge(&mut self, other: &mut Self) {
        self.doc.merge(&mut other.doc).unwrap();
    }

    fn get(&self, id: usize) -> (String, u64, u32, Vec<String>) {
        let person: AutoPerson = hydrate_prop(&self.doc, ROOT, name(id).as_str()).unwrap();
        (person.phone, person.visits.value() as u64, person.age, person.tags.into_keys().collect())
    }

    fn saved(&mut self) -> Option<usize> {
        Some(self.doc.save().len())
    }
}
