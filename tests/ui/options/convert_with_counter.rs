use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(counter)]
    #[drone(convert = "Path")]
    visits: u64,
}

fn main() {}
