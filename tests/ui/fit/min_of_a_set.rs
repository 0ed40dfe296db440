use dronestore::Drone;
use std::collections::BTreeSet;

#[derive(Drone)]
struct Person {
    #[merge(min)]
    tags: BTreeSet<String>,
}

fn main() {}
