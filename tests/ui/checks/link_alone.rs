use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(link)]
    name: Option<dronestore::Key>,
}

fn main() {}
