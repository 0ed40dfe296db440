use dronestore::Drone;

#[derive(Drone)]
union Bits {
    float: f32,
    int: u32,
}

fn main() {}
