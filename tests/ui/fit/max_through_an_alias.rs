use dronestore::Drone;
type Ages = Vec<u32>;

#[derive(Drone)]
struct Person {
    #[merge(max)]
    ages: Ages,
}

fn main() {}
