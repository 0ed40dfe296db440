use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(Latest)]
    name: String,
}

fn main() {}
