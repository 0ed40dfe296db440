use dronestore::Drone;

#[derive(Drone)]
#[drone(lock = "schema")]
struct Person {
    #[merge(max)]
    age: u32,
    #[merge(latest)]
    first: String,
    #[drone(skip)]
    visits: u64,
}

fn main() {}
