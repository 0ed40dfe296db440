use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(clamp(latest))]
    state: u8,
}

fn main() {}
