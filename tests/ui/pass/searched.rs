//! Text in every form, also of a type of one's own.
use dronestore::{Drone, Searchable};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};

#[derive(Serialize, Deserialize, Default)]
struct Title(String);

impl Searchable for Title {}

#[derive(Drone, Default)]
#[merge(latest)]
struct Place {
    city: String,
}

#[derive(Drone)]
#[merge(latest)]
struct Note {
    #[drone(search)]
    title: Title,
    #[drone(search)]
    nick: Option<String>,
    #[merge(list)]
    #[drone(search)]
    lines: Vec<String>,
    #[merge(set)]
    #[drone(search)]
    tags: BTreeSet<String>,
    #[merge(set)]
    #[drone(search)]
    more: HashSet<String>,
    #[merge(map(latest))]
    #[drone(search)]
    by_name: BTreeMap<u32, String>,
    #[merge(nested)]
    #[drone(search)]
    place: Option<Place>,
}

fn main() {
    assert_eq!(<Note as dronestore::model::Model>::searched().len(), 7);
}
