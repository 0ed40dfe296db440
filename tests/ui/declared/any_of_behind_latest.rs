use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(any_of(latest, max))]
    state: Vec<u8>,
}

fn main() {}
