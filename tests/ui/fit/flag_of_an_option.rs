use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(flag(false_wins))]
    done: Option<bool>,
}

fn main() {}
