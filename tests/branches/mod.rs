//! Branches. The laws:
//!
//! 1. The repo reads as if each branch had been another replica, merged at the same points.
//! 2. A branch changes nothing of the repo until it is merged: not its hash, nor what it lists, syncs or finds.
//! 3. What a branch reads is what it has touched, over what stands in the repo; queries agree with that.
//! 4. A branch has a row for each object it has touched and one for itself; one that was discarded has none.
//! 5. No dot is made twice, whatever is merged, discarded, made again, copied or opened again.
//! 6. Each call is one batch or none: a call that failed changes nothing.
//! 7. What a branch costs does not depend on what the repo holds.
#![allow(clippy::unit_arg, reason = "a closure that changes one field stays on one line")]

mod calls;
mod copies;
mod costs;
mod faults;
mod histories;
mod queries;

use dronestore::store::{Direction, Range, Store};
use dronestore::stores::MemoryStore;
use dronestore::{Branch, Clock, Drone, Nanotime, Repo, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A model with a field of several strategies.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Page {
    #[merge(latest)]
    pub title: String,
    #[merge(counter)]
    pub visits: i64,
    #[merge(max)]
    pub stars: u32,
    #[merge(set)]
    pub tags: BTreeSet<String>,
    #[merge(conflict)]
    pub state: String,
    #[merge(text)]
    pub body: String,
}

pub fn page(title: &str) -> Page {
    Page { title: title.into(), ..Page::default() }
}

/// A clock that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct HandClock(Arc<AtomicU64>);

impl HandClock {
    pub fn new() -> HandClock {
        HandClock(Arc::new(AtomicU64::new(1_800_000_000_000_000_000)))
    }

    pub fn tick(&self) {
        self.0.fetch_add(1_000_000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Nanotime {
        Nanotime::from_nanos(self.0.load(Ordering::SeqCst))
    }
}

pub fn open(store: &(impl Store + Clone)) -> Repo {
    Repo::builder().store(Arc::new(store.clone())).open().unwrap()
}

/// All rows of a store.
pub fn rows(store: &dyn Store) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut cursor = store.snapshot().unwrap().scan(Range::ALL, Direction::Forward).unwrap();
    let mut rows = BTreeMap::new();
    while let Some((key, value)) = cursor.next().unwrap() {
        rows.insert(key.to_vec(), value.to_vec());
    }
    rows
}

/// How many rows are those of branches.
pub fn branch_rows(store: &dyn Store) -> usize {
    rows(store).keys().filter(|row| row[0] == b'n').count()
}

/// Another store with the same rows.
pub fn copy_of(store: &MemoryStore) -> MemoryStore {
    let copy = MemoryStore::new();
    for (key, value) in rows(store) {
        copy.apply(&[], &[dronestore::store::Write::put(&key, &value)]).unwrap();
    }
    copy
}

pub fn title(branch: &Branch, name: &str) -> Option<String> {
    branch.get::<Page>(name).unwrap().map(|page| page.title.clone())
}

/// Which commit each dot of each object is, as far as they were seen.
#[derive(Default)]
pub struct Dots(BTreeMap<(String, String, u64), Nanotime>);

impl Dots {
    /// Panics where a dot was another commit before.
    pub fn see(&mut self, version: &Version) {
        for tip in version.tips() {
            let dot = (version.key().to_string(), tip.dot.actor.to_string(), tip.dot.sequence);
            let time = *self.0.entry(dot.clone()).or_insert(tip.time);
            assert_eq!(time, tip.time, "{dot:?} was made twice");
        }
    }
}
