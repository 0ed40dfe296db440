use dronestore::Drone;
use std::collections::BTreeMap;

#[derive(Drone)]
struct Person {
    #[merge(map(counter))]
    names: BTreeMap<String, String>,
}

fn main() {}
