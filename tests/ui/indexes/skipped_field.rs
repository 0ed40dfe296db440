use dronestore::Drone;

#[derive(Drone)]
#[merge(latest)]
#[drone(index(cache))]
struct Person {
    last: String,
    #[drone(skip)]
    cache: String,
    #[drone(skip, index)]
    other: String,
}

fn main() {}
