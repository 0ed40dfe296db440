use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(rename = "")]
    name: String,
}

fn main() {}
