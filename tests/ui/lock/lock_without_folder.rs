use dronestore::Drone;

#[derive(Drone)]
#[drone(lock)]
struct Person {
    #[merge(latest)]
    first: String,
}

fn main() {}
