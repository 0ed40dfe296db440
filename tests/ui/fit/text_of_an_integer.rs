use dronestore::Drone;

#[derive(Drone)]
struct Page {
    #[merge(text)]
    body: u32,
}

fn main() {}
