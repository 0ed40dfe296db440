//! The models of the worlds: all strategies, and an older age of one.

use dronestore::Drone;
use std::collections::{BTreeMap, BTreeSet};

/// What most programs have.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Note {
    #[merge(latest)]
    pub text: String,
    #[merge(counter)]
    pub visits: u64,
    #[merge(counter)]
    pub balance: i32,
    #[merge(set)]
    pub tags: BTreeSet<String>,
    #[merge(conflict)]
    pub plan: String,
    #[merge(max)]
    pub age: u32,
    #[merge(map(counter))]
    pub votes: BTreeMap<String, u64>,
}

/// An older program's note: fewer fields, and one that went away.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
#[drone(kind = "Note")]
pub struct OldNote {
    #[merge(latest)]
    pub text: String,
    #[merge(counter)]
    pub visits: u64,
    #[merge(latest)]
    pub color: u8,
}

/// Sequences, and drones in drones.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
#[drone(kind = "page")]
pub struct Page {
    #[merge(text)]
    pub text: String,
    #[merge(list)]
    pub lines: Vec<String>,
    #[merge(nested)]
    pub note: Small,
    #[merge(map(nested))]
    pub notes: BTreeMap<String, Small>,
    #[merge(latest_object)]
    pub left: u8,
    #[merge(latest_object)]
    pub right: Option<String>,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Small {
    #[merge(latest)]
    pub name: String,
    #[merge(flag)]
    pub done: bool,
    #[merge(set(remove_wins))]
    pub marks: BTreeSet<u8>,
}
