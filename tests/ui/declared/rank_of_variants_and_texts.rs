use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(rank("draft", Shipped))]
    state: String,
}

fn main() {}
