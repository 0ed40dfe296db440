use dronestore::Drone;

#[derive(Drone, Default)]
#[merge(latest)]
struct Address { city: String }

#[derive(Drone)]
struct Person {
    #[merge(nested)]
    #[drone(index)]
    home: Address,
}

fn main() {}
