use dronestore::Drone;

#[derive(Drone)]
struct Person {
    visits: std::collections::HashMap<String, u64>,
}

fn main() {}
