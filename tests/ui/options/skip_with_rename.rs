use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[drone(skip, rename = "title")]
    name: String,
}

fn main() {}
