use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(union)]
    tags: Vec<String>,
}

fn main() {}
