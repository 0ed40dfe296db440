use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(clamp(..=String::new(), counter))]
    state: String,
}

fn main() {}
