use dronestore::Drone;

#[derive(Drone)]
struct Person {
    place: (f64, f64),
}

fn main() {}
