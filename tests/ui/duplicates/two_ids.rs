use dronestore::Drone;

#[derive(Drone)]
#[merge(latest)]
struct Person {
    #[drone(id)]
    first: String,
    #[drone(id)]
    last: String,
}

fn main() {}
