use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(max)]
    #[drone(rename = "a", rename = "b")]
    age: u32,
}

fn main() {}
