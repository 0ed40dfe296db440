use dronestore::Drone;

#[derive(Drone)]
#[drone(link = "Person")]
struct Person {
    #[merge(latest)]
    name: String,
}

fn main() {}
