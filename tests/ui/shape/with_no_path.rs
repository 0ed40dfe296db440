use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(with = "not a path")]
    name: String,
}

fn main() {}
