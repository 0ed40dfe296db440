use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    age: Agee,
}

fn main() {}
