use dronestore::Drone;

#[derive(Drone)]
struct Person {
    done: bool,
}

fn main() {}
