use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(default = "unknown")]
    name: String,
}

fn main() {}
