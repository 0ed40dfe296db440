//! Indexes: the same answers as without, from a few rows.

mod costs;
#[path = "../query/cursors.rs"]
mod cursors;
mod declared;
#[path = "../query/forms.rs"]
mod forms;
mod kept;
#[path = "../query/oracle.rs"]
mod oracle;
mod plans;
mod unique;
mod untyped;

use dronestore::Drone;
use std::collections::{BTreeMap, BTreeSet};

pub use crate::query::{Address, State};

/// The model of the tests of queries, with an index of everything.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
#[drone(index(last, age))]
#[drone(index(is_in, visits, weight))]
#[drone(index(tags, first), index(home.city), index(office.number, home.number), index(home.number))]
pub struct Person {
    #[merge(latest)]
    #[drone(rename = "first name", index)]
    pub first: String,
    #[merge(latest_object)]
    pub last: String,
    #[merge(latest)]
    #[drone(index)]
    pub nick: Option<String>,
    #[merge(max)]
    #[drone(default = 18, index)]
    pub age: u32,
    #[merge(counter)]
    pub visits: i64,
    #[merge(latest)]
    #[drone(index)]
    pub weight: f64,
    #[merge(flag)]
    pub is_in: bool,
    #[merge(latest)]
    #[drone(index)]
    pub state: State,
    #[merge(set)]
    pub tags: BTreeSet<String>,
    #[merge(map(counter))]
    #[drone(index)]
    pub scores: BTreeMap<String, i64>,
    #[merge(list)]
    #[drone(index)]
    pub steps: Vec<i64>,
    #[merge(text)]
    #[drone(index)]
    pub notes: String,
    #[merge(nested)]
    pub home: Address,
    #[merge(nested)]
    pub office: Option<Address>,
    #[merge(conflict)]
    #[drone(index)]
    pub phone: String,
}
