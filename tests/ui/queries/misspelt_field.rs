use dronestore::Drone;

#[derive(Drone)]
struct Person {
    #[merge(latest)]
    surname: String,
}

fn main() {
    let _ = Person::fields().surnam.eq("Smith");
}
