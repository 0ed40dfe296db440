use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(max)]
    #[drone(default = 1)]
    #[drone(default = 2)]
    age: u32,
}

fn main() {}
