use dronestore::Drone;
use std::collections::BTreeMap;

#[derive(Drone)]
struct Person {
    #[merge(map(latest_object))]
    visits: BTreeMap<String, u64>,
}

fn main() {}
