use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(list)]
    names: Vec<String>,
}

fn main() {}
