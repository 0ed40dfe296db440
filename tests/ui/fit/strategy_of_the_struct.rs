use dronestore::Drone;

#[derive(Drone)]
#[merge(max)]
struct Person {
    age: u32,
    tags: Vec<u8>,
}

fn main() {}
