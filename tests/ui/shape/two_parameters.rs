use dronestore::Drone;
use std::collections::BTreeSet;

#[derive(Drone)]
struct Person {
    #[merge(set(once, latest))]
    tags: BTreeSet<String>,
}

fn main() {}
