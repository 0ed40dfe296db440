//! Lists that move, in the law kit: values are guessed for them, and random histories keep the laws.

use dronestore::Drone;
use dronestore::laws;
use std::collections::BTreeMap;

#[derive(Drone, Debug)]
struct Task {
    #[drone(id)]
    #[merge(latest)]
    id: u8,
    #[merge(latest)]
    title: String,
    #[merge(counter)]
    hours: u64,
}

#[derive(Drone, Debug)]
struct Board {
    #[merge(list(nested))]
    tasks: Vec<Task>,
    // Of few different items some are equal.
    #[merge(list(moves))]
    lanes: Vec<bool>,
    #[merge(list(moves))]
    places: Vec<(u8, String)>,
    #[merge(map(list(moves)))]
    columns: BTreeMap<u8, Vec<char>>,
    #[merge(map(list(nested)))]
    teams: BTreeMap<u8, Vec<Task>>,
}

#[test]
fn lists_that_move_keep_the_laws() {
    laws::check::<Board>();
}
