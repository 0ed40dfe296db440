use dronestore::Drone;

#[derive(Drone)]
struct Board {
    #[merge(list(nested))]
    tasks: Vec<String>,
}

fn main() {}
