use dronestore::{Drone, Repo};

#[derive(Drone)]
struct Person {
    #[merge(max)]
    age: u32,
}

fn main() {
    let repo = Repo::memory().unwrap();
    let _ = repo.query::<Person>().filter(Person::fields().age.ge("18"));
}
