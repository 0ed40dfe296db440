use dronestore::Drone;

#[derive(Drone)]
#[drone(lock = "schema")]
struct Person {
    #[merge(min)]
    age: u32,
    #[merge(latest)]
    surname: String,
}

fn main() {}
