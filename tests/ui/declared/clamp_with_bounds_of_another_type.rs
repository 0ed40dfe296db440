use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(clamp(0..=100, latest))]
    state: f64,
}

fn main() {}
