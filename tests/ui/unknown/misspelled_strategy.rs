use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latset)]
    name: String,
}

fn main() {}
