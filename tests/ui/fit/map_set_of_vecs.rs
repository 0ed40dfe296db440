use dronestore::Drone;
use std::collections::BTreeMap;

#[derive(Drone)]
struct Person {
    #[merge(map(set))]
    tags: BTreeMap<u8, Vec<u8>>,
}

fn main() {}
