use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(kind = "Human")]
    name: String,
}

fn main() {}
