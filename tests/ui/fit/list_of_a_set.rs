use dronestore::Drone;

#[derive(Drone)]
struct Page {
    #[merge(list)]
    body: std::collections::BTreeSet<u8>,
}

fn main() {}
