use dronestore::Drone;
#[derive(Default, serde::Serialize, serde::Deserialize)]
enum State {
    #[default]
    Draft,
    Shipped,
}

#[derive(Drone)]
struct Order {
    #[merge(rank(Draft, Shiped))]
    state: State,
}

fn main() {}
