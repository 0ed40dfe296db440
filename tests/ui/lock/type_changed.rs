use dronestore::Drone;

#[derive(Drone)]
#[drone(lock = "schema")]
struct Person {
    #[merge(max)]
    age: u32,
    #[merge(latest)]
    first: Vec<u8>,
    #[merge(counter)]
    visits: u64,
}

fn main() {}
