use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    first: String,
    #[merge(latest)]
    #[drone(rename = "first")]
    last: String,
}

fn main() {}
