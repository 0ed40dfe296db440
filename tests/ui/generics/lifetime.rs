use dronestore::Drone;

#[derive(Drone)]
struct Person<'a> {
    #[merge(latest)]
    name: &'a str,
}

fn main() {}
