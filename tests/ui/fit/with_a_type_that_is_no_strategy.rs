use dronestore::Drone;
struct Clamp;

#[derive(Drone)]
struct Person {
    #[merge(with = "Clamp")]
    age: u32,
}

fn main() {}
