use dronestore::Drone;

#[derive(Drone)]
#[drone(kind)]
struct Person {
    #[merge(latest)]
    name: String,
}

fn main() {}
