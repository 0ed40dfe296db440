use dronestore::Drone;
use std::collections::BTreeSet;

#[derive(Drone)]
#[merge(set)]
#[drone(index(tags, names))]
struct Person {
    tags: BTreeSet<String>,
    names: BTreeSet<String>,
}

fn main() {}
