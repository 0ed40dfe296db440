use dronestore::Drone;

#[derive(Drone)]
#[drone(kind = "Per\0son")]
struct Person {
    #[merge(latest)]
    name: String,
}

fn main() {}
