use dronestore::Drone;

#[derive(Drone)]
#[merge(latest)]
#[drone(index)]
struct Person { last: String }

fn main() {}
