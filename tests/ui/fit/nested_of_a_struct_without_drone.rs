use dronestore::Drone;
#[derive(Default)]
struct Address;

#[derive(Drone)]
struct Person {
    #[merge(nested)]
    address: Address,
}

fn main() {}
