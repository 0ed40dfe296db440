use dronestore::Drone;

#[derive(Drone)]
#[drone(bound = "T: Copy")]
struct Page<T> {
    #[merge(latest)]
    item: T,
}

fn main() {}
