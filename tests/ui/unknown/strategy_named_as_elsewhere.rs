use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(lww)]
    name: String,
}

fn main() {}
