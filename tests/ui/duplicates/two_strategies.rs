use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(max, min)]
    age: u32,
}

fn main() {}
