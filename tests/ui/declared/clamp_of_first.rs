use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(clamp(0..=100, first))]
    state: u8,
}

fn main() {}
