//! loro: one document, a map of maps; its own counter container, a set as a map of true.

use super::Replica;
use crate::person::{Person, name, phone};
use ::loro::{Container, ExportMode, LoroCounter, LoroDoc, LoroMap, ValueOrContainer};

/// A document and its map of people.
pub struct Loro {
    pub(crate) doc: LoroDoc,
    people: LoroMap,
}

impl Loro {
    fn of(doc: LoroDoc, actor: u64) -> Self {
        doc.set_peer_id(actor).unwrap();
        Loro { people: doc.get_map("people"), doc }
    }

    /// Sets one field and commits.
    pub fn set_phone(&mut self, id: usize, value: &str) {
        self.person(id).insert("phone", value).unwrap();
        self.doc.commit();
    }

    fn person(&self, id: usize) -> LoroMap {
        match self.people.get(&name(id)) {
            Some(ValueOrContainer::Container(Container::Map(map))) => map,
            _ => panic!("person {id} is gone"),
        }
    }
}

fn counter(map: &LoroMap) -> LoroCounter {
    match map.get("visits") {
        Some(ValueOrContainer::Container(Container::Counter(counter))) => counter,
        _ => panic!("a counter is gone"),
    }
}

impl Replica for Loro {
    const NAME: &'static str = "loro";

    fn new(actor: u64) -> Self {
        Self::of(LoroDoc::new(), actor)
    }

    fn create(&mut self, id: usize, person: Person) {
        let map = self.people.insert_container(&name(id), LoroMap::new()).unwrap();
        map.insert("first", person.first).unwrap();
        map.insert("last", person.last).unwrap();
        map.insert("phone", person.phone).unwrap();
        map.insert("age", i64::from(person.age)).unwrap();
        let visits = map.insert_container("visits", LoroCounter::new()).unwrap();
        visits.increment(person.visits as f64).unwrap();
        let tags = map.insert_container("tags", LoroMap::new()).unwrap();
        for tag in person.tags {
            tags.insert(&tag, true).unwrap();
        }
        if let Some(gender) = person.gender {
            map.insert("gender", gender).unwrap();
        }
        self.doc.commit();
    }

    fn edit(&mut self, id: usize, round: u64) {
        let map = self.person(id);
        map.insert("phone", phone(id, round)).unwrap();
        counter(&map).increment(1.0).unwrap();
        self.doc.commit();
    }

    fn fork(&mut self, actor: u64) -> Self {
        Self::of(self.doc.fork(), actor)
    }

    fn merge(&mut self, other: &mut Self) {
        let news = other.doc.export(ExportMode::updates(&self.doc.oplog_vv())).unwrap();
        self.doc.import(&news).unwrap();
    }

    fn get(&self, id: usize) -> (String, u64, u32, Vec<String>) {
        let map = self.person(id);
        let value = |name: &str| map.get(name).unwrap().into_value().unwrap();
        let mut tags: Vec<String> = match map.get("tags") {
            Some(ValueOrContainer::Container(Container::Map(tags))) => {
                tags.keys().map(|tag| tag.to_string()).collect()
            }
            _ => panic!("tags are gone"),
        };
        tags.sort_unstable();
        let phone = value("phone").into_string().unwrap().to_string();
        (phone, counter(&map).get_value() as u64, value("age").into_i64().unwrap() as u32, tags)
    }

    fn saved(&mut self) -> Option<usize> {
        Some(self.doc.export(ExportMode::Snapshot).unwrap().len())
    }
}
