use dronestore::Drone;

fn check(name: &str) -> bool {
    !name.is_empty()
}

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(validate = "check")]
    name: String,
}

fn main() {}
