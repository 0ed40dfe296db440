use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest_object)]
    #[drone(id)]
    name: String,
}

fn main() {}
