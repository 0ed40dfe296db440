use dronestore::Drone;

#[derive(Drone)]
struct Person {
    names: Vec<String>,
}

fn main() {}
