use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(link = "String")]
    name: Option<dronestore::Key>,
}

fn main() {}
