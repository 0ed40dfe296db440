use dronestore::Drone;

#[derive(Drone)]
#[merge(latest)]
#[merge(first)]
struct Person {
    #[merge(latest)]
    name: String,
}

fn main() {}
