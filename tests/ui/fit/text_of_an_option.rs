use dronestore::Drone;

#[derive(Drone)]
struct Page {
    #[merge(text)]
    body: Option<String>,
}

fn main() {}
