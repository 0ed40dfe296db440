use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(first_non_empty(1))]
    state: String,
}

fn main() {}
