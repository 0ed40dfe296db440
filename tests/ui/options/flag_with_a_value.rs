use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(required = true)]
    name: String,
}

fn main() {}
