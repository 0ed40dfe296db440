use dronestore::Drone;

#[derive(Drone)]
struct Person {
    name: String,
}

fn main() {}
