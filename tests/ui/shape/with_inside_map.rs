use dronestore::Drone;
use std::collections::BTreeMap;

#[derive(Drone)]
struct Person {
    #[merge(map(with = "Clamp"))]
    visits: BTreeMap<String, u64>,
}

fn main() {}
