use dronestore::Drone;
use std::collections::BTreeSet;

#[derive(Drone)]
struct Person {
    tags: BTreeSet<String>,
}

fn main() {}
