use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(canonicalize = "str::to_lowercase")]
    name: String,
}

fn main() {}
