use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(default: 5)]
    age: u32,
}

fn main() {}
