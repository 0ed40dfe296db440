use dronestore::Drone;
#[derive(Default, PartialOrd, PartialEq)]
struct Age(u32);

#[derive(Drone)]
struct Person {
    #[merge(max)]
    age: Age,
}

fn main() {}
