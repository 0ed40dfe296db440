use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latset)]
    name: String,
    #[merge(counter)]
    tags: Vec<u8>,
    #[merge(max)]
    #[drone(rename = "")]
    age: u32,
    city: String,
}

fn main() {}
