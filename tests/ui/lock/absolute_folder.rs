use dronestore::Drone;

#[derive(Drone)]
#[drone(lock = "/schema")]
struct Person {
    #[merge(latest)]
    first: String,
}

fn main() {}
