use dronestore::Drone;

#[derive(Drone)]
#[drone(lock = "schema")]
struct Person {
    #[merge(max)]
    age: u16,
    #[merge(latest)]
    first: String,
    #[merge(counter)]
    visits: u64,
}

fn main() {}
