use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[drone(skip, validate = "check", canonicalize = "change")]
    name: String,
    #[drone(skip, link = "Person")]
    boss: Option<dronestore::Key>,
}

fn main() {}
