use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(clamp(0..=1000, latest))]
    state: u8,
}

fn main() {}
