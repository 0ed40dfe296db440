use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(skip)]
    name: String,
}

fn main() {}
