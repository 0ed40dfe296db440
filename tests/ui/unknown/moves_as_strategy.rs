use dronestore::Drone;

#[derive(Drone)]
struct Board {
    #[merge(moves)]
    lanes: Vec<String>,
}

fn main() {}
