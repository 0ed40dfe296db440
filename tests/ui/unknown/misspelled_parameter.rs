use dronestore::Drone;
use std::collections::BTreeSet;

#[derive(Drone)]
struct Person {
    #[merge(set(remove_win))]
    tags: BTreeSet<String>,
}

fn main() {}
