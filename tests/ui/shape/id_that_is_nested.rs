use dronestore::Drone;

#[derive(Drone, Default)]
#[merge(latest)]
struct Name {
    first: String,
}

#[derive(Drone)]
struct Task {
    #[drone(id)]
    #[merge(nested)]
    name: Name,
}
fn main() {}
