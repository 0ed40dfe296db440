use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[drone(latest)]
    name: String,
}

fn main() {}
