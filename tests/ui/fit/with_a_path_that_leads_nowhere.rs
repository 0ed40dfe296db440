use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(with = "clamp::Clamp")]
    age: u32,
}

fn main() {}
