use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(max)]
    #[drone(default = "x")]
    age: u32,
}

fn main() {}
