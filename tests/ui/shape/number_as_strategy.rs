use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(1)]
    name: String,
}

fn main() {}
