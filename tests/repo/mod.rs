//! Repos: saving, merging, transactions, and what happens when something fails.

mod actors;
mod basics;
mod conflicts;
mod costs;
mod faults;
mod forks;
mod handles;
mod inside;
mod transactions;
mod unsure;

use dronestore::Drone;
use std::collections::{BTreeMap, BTreeSet};

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
    pub visits: u64,
    #[merge(set)]
    pub tags: BTreeSet<String>,
    #[merge(latest_object)]
    pub gender: Option<String>,
    #[merge(map(counter))]
    pub votes: BTreeMap<String, i64>,
    #[merge(conflict)]
    pub plan: String,
}
