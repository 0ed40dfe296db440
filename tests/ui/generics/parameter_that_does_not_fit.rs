use dronestore::Drone;

#[derive(Drone)]
struct Page<T> {
    #[merge(counter)]
    visits: T,
}

fn main() {
    is_drone::<Page<String>>();
}

fn is_drone<T: dronestore::__private::Model>() {}
