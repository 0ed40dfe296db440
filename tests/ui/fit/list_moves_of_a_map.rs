use dronestore::Drone;

#[derive(Drone)]
struct Board {
    #[merge(list(moves))]
    lanes: std::collections::BTreeMap<u8, String>,
}

fn main() {}
