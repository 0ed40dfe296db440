use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(max)]
    #[drone(search)]
    age: u32,
}

fn main() {}
