use dronestore::Drone;

#[derive(Drone)]
struct Order {
    #[merge(any_of(first_non_empty, set))]
    state: Vec<u8>,
}

fn main() {}
