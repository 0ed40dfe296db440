use dronestore::Drone;

#[derive(Drone)]
#[drone(crate = "elsewhere")]
struct Person {
    #[merge(latest)]
    name: String,
}

fn main() {}
