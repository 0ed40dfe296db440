use dronestore::Drone;

#[derive(Drone, Default)]
#[merge(latest)]
struct Place { city: String }

#[derive(Drone, Default)]
#[merge(nested)]
struct Address { place: Place }

#[derive(Drone)]
#[drone(index(home.place))]
#[merge(nested)]
struct Person { home: Address }

fn main() {}
