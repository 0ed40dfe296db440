use dronestore::Drone;

#[derive(Drone)]
#[drone(knd = "Human")]
struct Person {
    #[merge(latest)]
    name: String,
}

fn main() {}
