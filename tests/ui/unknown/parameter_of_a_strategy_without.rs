use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(max(ten))]
    age: u32,
}

fn main() {}
