use dronestore::Drone;

#[derive(Drone)]
struct Page<T> {
    #[merge(latset)]
    item: T,
    #[merge(latest)]
    name: Vec<T>,
}

fn main() {}
