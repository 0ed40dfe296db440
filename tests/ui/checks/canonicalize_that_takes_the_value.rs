use dronestore::Drone;

fn lower(name: String) -> String {
    name.to_lowercase()
}

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(canonicalize = "lower")]
    name: String,
}

fn main() {}
