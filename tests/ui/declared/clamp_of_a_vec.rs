use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(clamp(..=vec![1], latest))]
    state: Vec<u8>,
}

fn main() {}
