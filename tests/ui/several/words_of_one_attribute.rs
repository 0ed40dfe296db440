use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(lates, mx)]
    #[drone(requird, rename = 5, skp)]
    name: String,
}

fn main() {}
