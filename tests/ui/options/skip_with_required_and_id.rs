use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[drone(skip, required, id)]
    name: String,
}

fn main() {}
