use dronestore::Drone;

#[derive(Drone)]
#[merge(latest)]
struct Task {
    name: String,
}

#[derive(Drone)]
struct Board {
    #[merge(list)]
    tasks: Vec<Task>,
}

fn main() {}
