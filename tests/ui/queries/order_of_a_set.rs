use dronestore::Drone;
use std::collections::BTreeSet;

#[derive(Drone)]
struct Person {
    #[merge(set)]
    tags: BTreeSet<String>,
}

fn main() {
    let _ = Person::fields().tags.asc();
}
