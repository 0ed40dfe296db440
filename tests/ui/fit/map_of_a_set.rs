use dronestore::Drone;
use std::collections::BTreeSet;

#[derive(Drone)]
struct Person {
    #[merge(map(latest))]
    tags: BTreeSet<String>,
}

fn main() {}
