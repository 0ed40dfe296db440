use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(nested)]
    name: String,
}

fn main() {}
