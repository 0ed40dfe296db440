use dronestore::{Drone, Repo};

#[derive(Drone)]
#[merge(max)]
struct Person { age: u32 }

#[derive(Drone)]
#[merge(max)]
struct Ship { age: u32 }

fn main() {
    let repo = Repo::memory().unwrap();
    let _ = repo.query::<Person>().filter(Ship::fields().age.eq(3));
}
