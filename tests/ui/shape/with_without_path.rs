use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(with)]
    name: String,
}

fn main() {}
