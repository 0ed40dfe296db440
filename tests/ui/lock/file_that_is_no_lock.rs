use dronestore::Drone;

#[derive(Drone)]
#[drone(lock = "schema")]
struct Damaged {
    #[merge(latest)]
    name: String,
}

fn main() {}
