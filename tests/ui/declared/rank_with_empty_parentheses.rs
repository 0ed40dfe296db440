use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(rank())]
    state: String,
}

fn main() {}
