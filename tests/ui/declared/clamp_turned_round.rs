use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(clamp(5..=-5, latest))]
    state: i8,
}

fn main() {}
