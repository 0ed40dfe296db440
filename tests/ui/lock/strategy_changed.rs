use dronestore::Drone;

#[derive(Drone)]
#[drone(lock = "schema")]
struct Person {
    #[merge(max)]
    age: u32,
    #[merge(latest)]
    first: String,
    #[merge(latest)]
    visits: u64,
}

fn main() {}
