use dronestore::Drone;

#[derive(Drone)]
struct Page {
    #[merge(counter)]
    #[drone(unique)]
    visits: i64,
}

fn main() {}
