use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(max)]
    ages: Vec<u32>,
}

fn main() {}
