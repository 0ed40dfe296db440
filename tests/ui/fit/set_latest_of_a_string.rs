use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(set(latest))]
    name: String,
}

fn main() {}
