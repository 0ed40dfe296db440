use dronestore::Drone;

#[derive(Drone)]
#[drone(crate = "not a path")]
struct Person {
    #[merge(latest)]
    name: String,
}

fn main() {}
