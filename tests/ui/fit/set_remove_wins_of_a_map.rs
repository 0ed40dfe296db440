use dronestore::Drone;
use std::collections::BTreeMap;

#[derive(Drone)]
struct Person {
    #[merge(set(remove_wins))]
    tags: BTreeMap<u8, u8>,
}

fn main() {}
