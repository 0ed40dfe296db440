//! Watching: what is told against asking again, what it costs, who falls behind.

mod costs;
mod oracle;
mod reading;
mod resuming;
mod streams;

use dronestore::{Drone, Key, Update, Versioned};
use std::collections::{BTreeMap, BTreeSet};

/// A model with a field of most strategies.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Person {
    #[merge(latest)]
    pub name: String,
    #[merge(latest)]
    pub team: Option<String>,
    #[merge(latest)]
    #[drone(default = 7)]
    pub rank: i64,
    #[merge(counter)]
    pub visits: i64,
    #[merge(set)]
    pub tags: BTreeSet<String>,
    #[merge(latest_object)]
    pub city: String,
    #[merge(conflict)]
    pub plan: String,
}

/// Nobody who watches persons cares about these.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Other {
    #[merge(latest)]
    pub text: String,
}

/// What somebody knows who applies each update to what was known before.
#[derive(Debug, Default)]
pub struct Mirror {
    pub objects: BTreeMap<Key, Versioned<Person>>,
    pub results: usize,
}

impl Mirror {
    /// Applies an update, and checks that it fits what is known.
    pub fn apply(&mut self, update: Update<Versioned<Person>>) {
        match update {
            Update::Result { objects, .. } => {
                self.results += 1;
                self.objects = objects.into_iter().map(|object| (object.key().clone(), object)).collect();
            }
            Update::Added { object, .. } => {
                let before = self.objects.insert(object.key().clone(), object);
                assert!(before.is_none(), "was there already: {before:?}");
            }
            Update::Changed { object, before, fields, .. } => {
                let known = self.objects.insert(object.key().clone(), object.clone()).unwrap();
                let before = before.unwrap();
                assert_eq!(*before, *known);
                assert_eq!(before.version(), known.version());
                let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
                assert_eq!(names, differing(&before, &object), "{before:?} {object:?} {fields:?}");
            }
            Update::Removed { key, before, .. } => {
                let known = self.objects.remove(&key).unwrap();
                assert_eq!(*before.unwrap(), *known);
            }
        }
    }
}

/// The fields that differ, by plain Rust, in the order of their names.
fn differing(a: &Person, b: &Person) -> Vec<&'static str> {
    let all = [
        ("city", a.city != b.city),
        ("name", a.name != b.name),
        ("plan", a.plan != b.plan),
        ("rank", a.rank != b.rank),
        ("tags", a.tags != b.tags),
        ("team", a.team != b.team),
        ("visits", a.visits != b.visits),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

pub fn person(name: &str, rank: i64) -> Person {
    Person { name: name.into(), rank, ..Person::default() }
}
