use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge = "latest"]
    name: String,
}

fn main() {}
