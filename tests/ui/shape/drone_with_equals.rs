use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone = "required"]
    name: String,
}

fn main() {}
