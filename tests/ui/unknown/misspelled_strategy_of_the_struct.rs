use dronestore::Drone;

#[derive(Drone)]
#[merge(latst)]
struct Person {
    first: String,
    last: String,
}

fn main() {}
