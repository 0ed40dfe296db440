use dronestore::Drone;

#[derive(Drone)]
struct Board {
    #[merge(list(move))]
    lanes: Vec<String>,
}

fn main() {}
