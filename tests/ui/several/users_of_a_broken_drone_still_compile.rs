use dronestore::Drone;

#[derive(Drone)]
#[derive(Default)]
struct Person {
    name: String,
}

#[derive(Drone)]
struct Team {
    #[merge(nested)]
    boss: Person,
}

fn main() {}
