use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[drone(skip, convert = "Path")]
    name: String,
}

fn main() {}
