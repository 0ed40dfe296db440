use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(rename = title)]
    name: String,
}

fn main() {}
