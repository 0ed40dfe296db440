use dronestore::Drone;

#[derive(Drone)]
struct Board {
    #[merge(list(nested))]
    tasks: std::collections::BTreeSet<String>,
}

fn main() {}
