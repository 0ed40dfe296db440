use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(convert = "a b")]
    name: String,
}

fn main() {}
