use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    name: String,
    #[merge(nonsense)]
    age: u32,
    #[merge(latest_object)]
    city: Vec<u8>,
}

fn main() {}
