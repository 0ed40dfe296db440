use dronestore::Drone;
#[derive(serde::Serialize, serde::Deserialize)]
struct Colour;

#[derive(Drone)]
#[merge(latest)]
struct Person {
    colour: Colour,
}

fn main() {}
