use dronestore::Drone;

#[derive(Drone)]
enum Colour {
    Red,
    Green,
}

fn main() {}
