use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    #[drone(link = "Person")]
    name: String,
}

fn main() {}
