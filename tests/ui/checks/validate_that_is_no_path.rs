use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(validate = "not a path")]
    name: String,
}

fn main() {}
