use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(banana)]
    name: String,
}

fn main() {}
