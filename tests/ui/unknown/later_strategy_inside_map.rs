use dronestore::Drone;
use std::collections::BTreeMap;

#[derive(Drone)]
struct Person {
    #[merge(map(rank))]
    notes: BTreeMap<String, String>,
}

fn main() {}
