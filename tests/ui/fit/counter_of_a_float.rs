use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(counter)]
    weight: f64,
}

fn main() {}
