use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(max_by(score))]
    state: Vec<u8>,
}

fn main() {}
