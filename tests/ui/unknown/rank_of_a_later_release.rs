use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(rank(open, closed))]
    name: String,
}

fn main() {}
