use dronestore::Drone;

#[derive(Drone, Default)]
#[merge(latest)]
struct Address { city: String }

#[derive(Drone)]
#[drone(index(home.town))]
struct Person {
    #[merge(nested)]
    home: Address,
}

fn main() {}
