//! Queries: typed and from text, against plain Rust over the same objects.

mod cursors;
mod forms;
mod links;
mod many;
mod oracle;
mod untyped;

use dronestore::Drone;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where somebody lives.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Address {
    #[merge(latest)]
    pub city: String,
    #[merge(latest)]
    pub number: Option<u16>,
}

/// What an order has come to.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    #[default]
    Draft,
    Shipped,
}

/// A field of every kind that a query can speak of.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Person {
    #[merge(latest)]
    #[drone(rename = "first name")]
    pub first: String,
    #[merge(latest_object)]
    pub last: String,
    #[merge(latest)]
    pub nick: Option<String>,
    #[merge(max)]
    #[drone(default = 18)]
    pub age: u32,
    #[merge(counter)]
    pub visits: i64,
    #[merge(latest)]
    pub weight: f64,
    #[merge(flag)]
    pub is_in: bool,
    #[merge(latest)]
    pub state: State,
    #[merge(set)]
    pub tags: BTreeSet<String>,
    #[merge(map(counter))]
    pub scores: BTreeMap<String, i64>,
    #[merge(list)]
    pub steps: Vec<i64>,
    #[merge(text)]
    pub notes: String,
    #[merge(nested)]
    pub home: Address,
    #[merge(nested)]
    pub office: Option<Address>,
    #[merge(conflict)]
    pub phone: String,
}
