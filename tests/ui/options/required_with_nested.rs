use dronestore::Drone;
#[derive(Drone, Default)]
struct Address {}

#[derive(Drone)]
struct Person {
    #[merge(nested)]
    #[drone(required)]
    address: Address,
}

fn main() {}
