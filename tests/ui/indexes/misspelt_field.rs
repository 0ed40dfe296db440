use dronestore::Drone;

#[derive(Drone)]
#[merge(latest)]
#[drone(index(last, frist))]
struct Person {
    first: String,
    last: String,
}

fn main() {}
