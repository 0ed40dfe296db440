use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(set)]
    tags: Vec<String>,
}

fn main() {}
