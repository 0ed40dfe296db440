use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(validate = "check")]
    name: String,
}

fn main() {}
