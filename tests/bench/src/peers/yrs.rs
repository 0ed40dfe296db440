//! yrs: one document, a map of maps. A counter is a map of totals by client, a set a map of true.

use super::Replica;
use crate::person::{Person, name, phone};
use ::yrs::updates::decoder::Decode;
use ::yrs::{Any, Doc, Map, MapPrelim, MapRef, Out, ReadTxn, StateVector, Transact, Update};

/// A document and its map of people.
pub struct Yrs {
    pub(crate) doc: Doc,
    people: MapRef,
    actor: u64,
}

impl Yrs {
    /// Sets one field.
    pub fn set_phone(&mut self, id: usize, value: &str) {
        let mut txn = self.doc.transact_mut();
        let map = self.person(&txn, id);
        map.insert(&mut txn, "phone", value);
    }

    fn person(&self, txn: &impl ReadTxn, id: usize) -> MapRef {
        self.people.get(txn, &name(id)).unwrap().cast().unwrap()
    }
}

fn number(out: Option<Out>) -> f64 {
    match out {
        Some(Out::Any(Any::Number(number))) => number.to_string().parse().unwrap(),
        Some(Out::Any(any)) => any.to_string().parse().unwrap(),
        _ => 0.0,
    }
}

impl Replica for Yrs {
    const NAME: &'static str = "yrs";

    fn new(actor: u64) -> Self {
        let doc = Doc::with_client_id(actor);
        let people = doc.get_or_insert_map("people");
        Yrs { doc, people, actor }
    }

    fn create(&mut self, id: usize, person: Person) {
        let mut txn = self.doc.transact_mut();
        let map = self.people.insert(&mut txn, name(id), MapPrelim::default());
        map.insert(&mut txn, "first", person.first);
        map.insert(&mut txn, "last", person.last);
        map.insert(&mut txn, "phone", person.phone);
        map.insert(&mut txn, "age", f64::from(person.age));
        let visits = map.insert(&mut txn, "visits", MapPrelim::default());
        visits.insert(&mut txn, self.actor.to_string(), person.visits as f64);
        let tags = map.insert(&mut txn, "tags", MapPrelim::default());
        for tag in person.tags {
            tags.insert(&mut txn, tag, true);
        }
        if let Some(gender) = person.gender {
            map.insert(&mut txn, "gender", gender);
        }
    }

    fn edit(&mut self, id: usize, round: u64) {
        let mut txn = self.doc.transact_mut();
        let map = self.person(&txn, id);
        map.insert(&mut txn, "phone", phone(id, round));
        let visits: MapRef = map.get(&txn, "visits").unwrap().cast().unwrap();
        let own = self.actor.to_string();
        let total = number(visits.get(&txn, &own));
        visits.insert(&mut txn, own, total + 1.0);
    }

    fn fork(&mut self, actor: u64) -> Self {
        let fork = Yrs::new(actor);
        let all = self.doc.transact().encode_state_as_update_v1(&StateVector::default());
        fork.doc.transact_mut().apply_update(Update::decode_v1(&all).unwrap()).unwrap();
        fork
    }

    fn merge(&mut self, other: &mut Self) {
        let seen = self.doc.transact().state_vector();
        let news = other.doc.transact().encode_diff_v1(&seen);
        self.doc.transact_mut().apply_update(Update::decode_v1(&news).unwrap()).unwrap();
    }

    fn get(&self, id: usize) -> (String, u64, u32, Vec<String>) {
        let txn = self.doc.transact();
        let map = self.person(&txn, id);
        let visits: MapRef = map.get(&txn, "visits").unwrap().cast().unwrap();
        let tags: MapRef = map.get(&txn, "tags").unwrap().cast().unwrap();
        let mut tags: Vec<String> = tags.keys(&txn).map(str::to_owned).collect();
        tags.sort_unstable();
        let total: f64 = visits.iter(&txn).map(|(_, total)| number(Some(total))).sum();
        let phone = map.get(&txn, "phone").unwrap().to_string(&txn);
        (phone, total as u64, number(map.get(&txn, "age")) as u32, tags)
    }

    fn saved(&mut self) -> Option<usize> {
        Some(self.doc.transact().encode_state_as_update_v1(&StateVector::default()).len())
    }
}
