use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(min_by("a", "b"))]
    state: Vec<u8>,
}

fn main() {}
