use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(with = Clamp)]
    name: String,
}

fn main() {}
