use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(counter)]
    visits: Option<u32>,
}

fn main() {}
