use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(max)]
    #[merge(min)]
    age: u32,
}

fn main() {}
