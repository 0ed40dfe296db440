use dronestore::Drone;
#[derive(Default, serde::Serialize, serde::Deserialize)]
enum State {
    #[default]
    Draft,
    Shipped(u8),
}

#[derive(Drone)]
struct Order {
    #[merge(rank(Draft, Shipped))]
    state: State,
}

fn main() {}
