use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(rename = "last")]
    first: String,
    #[merge(latest)]
    last: String,
}

fn main() {}
