use dronestore::Drone;

#[derive(Drone)]
#[drone(lock = "schema")]
struct Person<T> {
    #[merge(latest)]
    first: T,
}

fn main() {}
