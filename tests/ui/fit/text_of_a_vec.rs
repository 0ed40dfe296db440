use dronestore::Drone;

#[derive(Drone)]
struct Page {
    #[merge(text)]
    body: Vec<char>,
}

fn main() {}
