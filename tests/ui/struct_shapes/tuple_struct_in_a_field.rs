use dronestore::Drone;

#[derive(Drone, Default)]
struct Place(f64, f64);

#[derive(Drone)]
struct Person {
    #[merge(nested)]
    home: Place,
}

fn main() {}
