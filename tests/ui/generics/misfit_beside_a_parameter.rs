use dronestore::Drone;

#[derive(Drone)]
struct Page<T> {
    #[merge(latest)]
    item: T,
    #[merge(counter)]
    name: String,
}

fn main() {}
