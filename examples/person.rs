//! A strategy for every field: what two devices wrote meets, each field by its own rule.
#![allow(clippy::print_stdout)]

use dronestore::{Drone, Merge, Repo, Result};
use std::collections::BTreeSet;

#[derive(Drone, Debug, Clone, PartialEq)]
struct Person {
    #[merge(latest)]
    first: String,
    #[merge(latest)]
    last: String,
    #[merge(latest)]
    phone: String,
    #[merge(max)]
    age: u32,
    #[merge(counter)]
    visits: u64,
    #[merge(set)]
    tags: BTreeSet<String>,
    #[merge(latest_object)]
    gender: Option<String>,
}

fn main() -> Result<()> {
    let mut laptop = Person::named("jbenet")?;
    laptop.first = "Juan".into();
    laptop.phone = "1234567890".into();
    laptop.age = 22;
    laptop.visits += 2;
    laptop.tags.insert("author".into());
    laptop.commit()?;

    // The phone has never met the laptop: it makes the same object on its own.
    let mut phone = Person::named("jbenet")?;
    phone.last = "Batiz-Benet".into();
    phone.age = 23;
    phone.visits += 1;
    phone.tags.insert("speaker".into());
    phone.gender = Some("Male".into());
    phone.commit()?;

    assert_eq!(laptop.merge(&phone)?, Merge::Joined);
    assert_eq!(phone.merge(&laptop)?, Merge::Forward);
    assert_eq!(laptop, phone);
    assert_eq!((laptop.visits, laptop.tags.len()), (3, 2));

    let repo = Repo::memory()?;
    repo.save(&mut laptop)?;
    if let Some(person) = repo.get::<Person>("jbenet")? {
        let gender = person.gender.as_deref().unwrap_or("unknown");
        let (key, age) = (person.key(), person.age);
        println!("{key} {} {} #{} age {age} gender {gender}", person.first, person.last, person.phone);
    }
    Ok(())
}
