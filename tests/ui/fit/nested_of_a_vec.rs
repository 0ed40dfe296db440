use dronestore::Drone;
#[derive(Drone)]
struct Address {}

#[derive(Drone)]
struct Person {
    #[merge(nested)]
    addresses: Vec<Address>,
}

fn main() {}
