use dronestore::Drone;

#[derive(Drone)]
#[drone(skip)]
struct Person {
    #[merge(latest)]
    name: String,
}

fn main() {}
