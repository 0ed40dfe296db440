use dronestore::Drone;

#[derive(Drone)]
#[merge(latest)]
#[drone(index("last"))]
struct Person { last: String }

fn main() {}
