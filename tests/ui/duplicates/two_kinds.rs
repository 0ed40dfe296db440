use dronestore::Drone;

#[derive(Drone)]
#[drone(kind = "A", kind = "B")]
struct Person {
    #[merge(latest)]
    name: String,
}

fn main() {}
