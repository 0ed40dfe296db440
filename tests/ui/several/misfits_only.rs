use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(counter)]
    name: String,
    #[merge(set)]
    tags: Vec<u8>,
    #[merge(flag)]
    age: u32,
}

fn main() {}
