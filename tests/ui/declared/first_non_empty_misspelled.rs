use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(first_nonempty)]
    state: String,
}

fn main() {}
