use dronestore::Drone;

#[derive(Drone)]
struct Person {
    age: u32,
}

fn main() {}
