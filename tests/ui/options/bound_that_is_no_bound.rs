use dronestore::Drone;

#[derive(Drone)]
#[drone(bound = "Clone")]
struct Person {
    #[merge(latest)]
    name: String,
}

fn main() {}
