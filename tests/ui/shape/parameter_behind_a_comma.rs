use dronestore::Drone;
use std::collections::BTreeSet;

#[derive(Drone)]
struct Person {
    #[merge(set, once)]
    tags: BTreeSet<String>,
}

fn main() {}
