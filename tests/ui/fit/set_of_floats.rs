use dronestore::Drone;
use std::collections::HashSet;

#[derive(Drone)]
struct Person {
    #[merge(set(once))]
    #[drone(default = HashSet::new())]
    weights: HashSet<f64>,
}

fn main() {}
