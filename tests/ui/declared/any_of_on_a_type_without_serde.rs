use dronestore::Drone;

#[derive(Default)]
struct State;

#[derive(Drone)]
struct Order {
    #[merge(any_of(first_non_empty, latest))]
    state: State,
}

fn main() {}
