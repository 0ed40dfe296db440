use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(counter)]
    name: String,
}

fn main() {}
