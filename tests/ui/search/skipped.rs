use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[drone(skip, search)]
    name: String,
}

fn main() {}
