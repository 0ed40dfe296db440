use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(flag(sometimes))]
    done: bool,
}

fn main() {}
