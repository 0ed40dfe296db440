use dronestore::Drone;

#[derive(Drone)]
#[merge(latest)]
#[drone(index(last.length))]
struct Person { last: String }

fn main() {}
