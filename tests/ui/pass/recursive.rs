//! A drone may hold drones of its own kind, and two may hold each other.
use std::collections::{BTreeMap, HashMap};

use dronestore::Drone;
use dronestore::__private::Model;

#[derive(Drone, Default)]
struct Node {
    #[merge(map(nested))]
    kids: BTreeMap<String, Node>,
    #[merge(map(map(nested)))]
    by_name: HashMap<String, BTreeMap<u8, Self>>,
}

#[derive(Drone, Default)]
struct Egg {
    #[merge(map(nested))]
    hatched: BTreeMap<u8, Hen>,
}

#[derive(Drone, Default)]
struct Hen {
    #[merge(map(nested))]
    laid: BTreeMap<u8, Egg>,
}

fn main() {
    for table in [Node::ATTRIBUTES, Egg::ATTRIBUTES, Hen::ATTRIBUTES] {
        assert!(!table.is_empty());
    }
}
