//! History: what is kept under each policy, what comes back of it, and that nothing of it shows in what merges give.

mod faults;
mod going_back;
mod hostile;
mod log;
mod moments;
mod play_day;
mod policies;
mod pruning;
mod together;
mod undo;

use dronestore::model::Model;
use dronestore::store::{Direction, Range, Store};
use dronestore::stores::MemoryStore;
use dronestore::{Clock, Drone, Nanotime, Repo, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A model with a field of most strategies.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Person {
    #[merge(latest)]
    pub first: String,
    #[merge(latest)]
    pub last: String,
    #[merge(max)]
    pub age: u32,
    #[merge(counter)]
    pub visits: i64,
    #[merge(set)]
    pub tags: BTreeSet<String>,
    #[merge(latest_object)]
    pub gender: Option<String>,
    #[merge(map(counter))]
    pub votes: BTreeMap<String, i64>,
    #[merge(text)]
    pub story: String,
}

/// What is edited all day.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Player {
    #[merge(latest)]
    pub name: String,
    #[merge(latest)]
    pub score: u32,
}

/// A clock that stands still until it is moved.
#[derive(Debug, Clone, Default)]
pub struct HandClock(Arc<AtomicU64>);

impl HandClock {
    pub fn at(seconds: u64) -> HandClock {
        HandClock(Arc::new(AtomicU64::new(seconds * 1_000_000_000)))
    }

    pub fn pass(&self, nanos: u64) {
        self.0.fetch_add(nanos, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Nanotime {
        Nanotime::from_nanos(self.0.load(Ordering::SeqCst))
    }
}

/// A repo in memory with a clock of its own.
pub fn repo(store: &MemoryStore) -> (Repo, HandClock) {
    let clock = HandClock::at(1_800_000_000);
    let repo = Repo::builder().store(Arc::new(store.clone())).clock(clock.clone()).open().unwrap();
    (repo, clock)
}

/// Bytes of keys and values of the rows that begin so; of all where it is nothing.
pub fn stored(store: &dyn Store, first: Option<u8>) -> usize {
    let mut cursor = store.snapshot().unwrap().scan(Range::ALL, Direction::Forward).unwrap();
    let mut bytes = 0;
    while let Some((key, value)) = cursor.next().unwrap() {
        if first.is_none_or(|first| key.first() == Some(&first)) {
            bytes += key.len() + value.len();
        }
    }
    bytes
}

pub fn head<T: Drone + Model>(repo: &Repo, name: &str) -> Version {
    let key = format!("/{}:{name}", T::KIND).parse().unwrap();
    repo.view().unwrap().version(T::KIND, &key).unwrap().unwrap()
}
