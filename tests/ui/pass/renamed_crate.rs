//! The library under another name, and through a library that re-exports it.
use renamed::store::Drone;

mod renamed {
    pub use dronestore as store;
}

#[derive(Drone, Default)]
#[drone(crate = "renamed::store")]
struct Person {
    #[merge(latest)]
    name: String,
}

#[derive(Drone)]
#[drone(crate = "crate::renamed::store")]
struct Team {
    #[merge(map(nested))]
    people: std::collections::BTreeMap<u8, Person>,
    #[merge(latest_object)]
    name: String,
}

mod below {
    #[derive(super::Drone)]
    #[drone(crate = "super::renamed::store")]
    struct Place {
        #[merge(max)]
        height: u32,
    }
}

fn main() {}
