use dronestore::Drone;
#[derive(serde::Serialize, serde::Deserialize)]
struct Colour;

#[derive(Drone)]
#[merge(latest_object)]
struct Person {
    colour: Colour,
}

fn main() {}
