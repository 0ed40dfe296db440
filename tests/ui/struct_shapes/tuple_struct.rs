use dronestore::Drone;

#[derive(Drone)]
struct Person(String, u32);

fn main() {}
