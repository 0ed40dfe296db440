use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(convert = Path)]
    name: String,
}

fn main() {}
