use dronestore::Drone;
use std::collections::BTreeMap;

#[derive(Drone)]
struct Person {
    #[merge(map, counter)]
    visits: BTreeMap<String, u64>,
}

fn main() {}
