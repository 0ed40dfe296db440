use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(flag)]
    done: u8,
}

fn main() {}
