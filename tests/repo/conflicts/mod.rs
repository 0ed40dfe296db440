//! Conflicts: what is listed, how it is decided, that decisions never fight, and what is explained.

mod arriving;
mod explaining;
mod listing;
mod meetings;
mod resolver;
mod resolving;
mod writers;

use dronestore::{Conflict, Drone, Key, Repo, Value};
use std::collections::BTreeMap;

#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Card {
    #[merge(conflict)]
    pub phone: String,
    #[merge(conflict)]
    pub fax: String,
    #[merge(latest)]
    pub note: String,
    #[merge(map(conflict))]
    pub numbers: BTreeMap<String, u32>,
    #[merge(nested)]
    pub home: Home,
    #[merge(counter)]
    pub calls: u64,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Home {
    #[merge(conflict)]
    pub street: String,
    #[merge(map(conflict))]
    pub rooms: BTreeMap<String, u32>,
}

/// Replicas of one database, the first with an object that all have.
pub fn devices(count: usize) -> Vec<Repo> {
    let first = Repo::memory().unwrap();
    first.put("x", Card::default()).unwrap();
    let mut repos = vec![first];
    while repos.len() < count {
        let next = Repo::builder().replica_of(&repos[0]).open().unwrap();
        next.merge(&repos[0]).unwrap();
        repos.push(next);
    }
    repos
}

pub fn edit(repo: &Repo, change: impl FnOnce(&mut Card)) {
    let mut card = repo.get::<Card>("x").unwrap().unwrap();
    change(&mut card);
    repo.save(&mut card).unwrap();
}

/// Two devices whose `phone` is in conflict, a and b, in both; further ones that have not heard of it.
pub fn in_conflict(count: usize) -> Vec<Repo> {
    let repos = devices(count);
    edit(&repos[0], |card| card.phone = "a".into());
    edit(&repos[1], |card| card.phone = "b".into());
    meet(&repos[0], &repos[1]);
    repos
}

pub fn meet(a: &Repo, b: &Repo) {
    a.merge(b).unwrap();
    b.merge(a).unwrap();
}

/// Everybody meets everybody, until all hold the same.
pub fn settle(repos: &[Repo]) {
    for _ in 0..2 {
        for (index, repo) in repos.iter().enumerate() {
            for other in &repos[index + 1..] {
                meet(repo, other);
            }
        }
    }
    for repo in repos {
        assert_eq!(repo.hash(), repos[0].hash());
        repo.verify().unwrap();
    }
}

pub fn phone(repo: &Repo) -> String {
    repo.get::<Card>("x").unwrap().unwrap().phone.clone()
}

pub fn conflicts(repo: &Repo) -> Vec<Conflict> {
    repo.conflicts::<Card>().unwrap().map(Result::unwrap).collect()
}

pub fn only(repo: &Repo) -> Conflict {
    let mut all = conflicts(repo);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// Which side has this value.
pub fn side(conflict: &Conflict, value: &str) -> usize {
    conflict.sides().iter().position(|side| side.value == Value::from(value)).unwrap()
}

pub fn key() -> Key {
    Card::key_of("x").unwrap()
}
