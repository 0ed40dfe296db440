use dronestore::Drone;

#[derive(Drone)]
#[merge(latest)]
struct Person {
    #[drone(index(last, first))]
    last: String,
    first: String,
}

fn main() {}
