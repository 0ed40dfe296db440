use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(skip)]
    name: String,
}

fn main() {}
