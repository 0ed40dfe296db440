use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge()]
    name: String,
}

fn main() {}
