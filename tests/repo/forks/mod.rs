//! Two repos that go on under one actor: what each wrote since it was opened is kept, once, by every way they meet.

mod bystanders;
mod copies;
mod handles;
mod histories;
mod kills;
mod limits;
mod ways;

use dronestore::store::{Direction, Range, Store, Write};
use dronestore::stores::MemoryStore;
use dronestore::{Drone, Repo};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Room {
    #[merge(counter)]
    pub heat: i64,
    #[merge(latest)]
    pub label: String,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Step {
    #[drone(id)]
    #[merge(first)]
    pub id: u32,
    #[merge(counter)]
    pub done: u64,
}

/// A model with a field of every way of writing.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct House {
    #[merge(latest)]
    pub name: String,
    #[merge(latest_object)]
    pub street: String,
    #[merge(latest_object)]
    pub number: u32,
    #[merge(max)]
    pub floors: u32,
    #[merge(counter)]
    pub visits: u64,
    #[merge(counter)]
    pub balance: i64,
    #[merge(set)]
    pub tags: BTreeSet<String>,
    #[merge(set(remove_wins))]
    pub guests: BTreeSet<String>,
    #[merge(map(counter))]
    pub votes: BTreeMap<String, i64>,
    #[merge(map(nested))]
    pub rooms: BTreeMap<String, Room>,
    #[merge(list)]
    pub steps: Vec<String>,
    #[merge(list(moves))]
    pub order: Vec<String>,
    #[merge(list(nested))]
    pub plan: Vec<Step>,
    #[merge(text)]
    pub story: String,
    #[merge(conflict)]
    pub color: String,
    #[merge(nested)]
    pub hall: Room,
}

/// A store with the same content, and nothing that tells the two apart.
pub fn copy_of(store: &MemoryStore) -> MemoryStore {
    let copy = MemoryStore::new();
    let snapshot = store.snapshot().unwrap();
    let mut cursor = snapshot.scan(Range::ALL, Direction::Forward).unwrap();
    while let Some((key, value)) = cursor.next().unwrap() {
        copy.apply(&[], &[Write::put(key, value)]).unwrap();
    }
    copy
}

pub fn open(store: &MemoryStore) -> Repo {
    Repo::builder().store(Arc::new(store.clone())).open().unwrap()
}

/// Two repos, opened on equal content under one actor, after `begin`.
pub fn twins(begin: impl FnOnce(&Repo)) -> (Repo, Repo) {
    let store = MemoryStore::new();
    let first = open(&store);
    begin(&first);
    drop(first);
    let twins = (open(&store), open(&copy_of(&store)));
    assert_eq!(twins.0.actor(), twins.1.actor());
    twins
}

/// Changes an object; fields keep what they have otherwise.
pub fn change(repo: &Repo, name: &str, change: impl Fn(&mut House)) {
    let each = |house: &mut House| {
        change(house);
        Ok(())
    };
    repo.update::<House>(name, each).unwrap();
}

pub fn house(repo: &Repo, name: &str) -> House {
    (*repo.get::<House>(name).unwrap().unwrap()).clone()
}

/// Both hold the same, nothing is damaged, nothing stands aside.
pub fn agree(a: &Repo, b: &Repo) {
    assert_eq!(a.hash(), b.hash());
    for repo in [a, b] {
        assert_eq!(repo.verify().unwrap().forked, 0);
        assert_eq!(repo.forks().unwrap().count(), 0);
    }
}
