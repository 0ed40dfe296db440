use dronestore::Drone;
struct Address;

#[derive(Drone)]
struct Person {
    address: Address,
}

fn main() {}
