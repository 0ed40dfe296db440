use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(clamp(0..100, latest))]
    state: u8,
}

fn main() {}
