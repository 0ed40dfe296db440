use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(rank(draft, shipped))]
    state: String,
}

fn main() {}
