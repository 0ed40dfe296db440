use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(flatten)]
    name: String,
}

fn main() {}
