use dronestore::Drone;

#[derive(Drone)]
#[drone(lock = "schema")]
struct Person {
    #[merge(max)] age: u32,
    #[merge(latest)] first: String,
    #[merge(counter)] visits: u64,
    #[merge(latest)]
    lost: u64,
}

fn main() {}
