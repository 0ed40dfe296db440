use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(rank(1, 2))]
    state: String,
}

fn main() {}
