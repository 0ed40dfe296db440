use dronestore::Drone;

#[derive(Drone)]
struct Task {
    #[merge(latest)]
    title: String,
}

#[derive(Drone)]
struct Board {
    #[merge(list(nested))]
    tasks: Vec<Task>,
}

fn main() {}
