use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(max, max)]
    age: u32,
}

fn main() {}
