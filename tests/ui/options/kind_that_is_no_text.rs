use dronestore::Drone;

#[derive(Drone)]
#[drone(kind = 5)]
struct Person {
    #[merge(latest)]
    name: String,
}

fn main() {}
