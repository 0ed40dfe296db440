use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(map(rank("a", "b")))]
    state: String,
}

fn main() {}
