use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(rank("draft", "shipped", "draft"))]
    state: String,
}

fn main() {}
