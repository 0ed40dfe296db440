use dronestore::Drone;

#[derive(Drone)]
struct Page {
    #[merge(list)]
    body: String,
}

fn main() {}
