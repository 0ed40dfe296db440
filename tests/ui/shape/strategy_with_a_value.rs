use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(max = 10)]
    age: u32,
}

fn main() {}
