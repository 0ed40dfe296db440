//! Several objects at once: all or nothing.

use super::Person;
use dronestore::{Drone, Error, ErrorKind, Repo};

#[test]
fn a_transaction_is_all_or_nothing() {
    let repo = Repo::memory().unwrap();
    let mut a = Person::named("a").unwrap();
    let mut b = Person::named("b").unwrap();
    a.age = 1;
    b.age = 2;
    let failed: Result<(), Error> = repo.transaction(|transaction| {
        transaction.save(&mut a)?;
        Err(Error::new(ErrorKind::Invalid, "changed my mind"))
    });
    assert!(failed.is_err());
    assert!(a.version().is_none() && repo.is_empty());
    repo.transaction(|transaction| {
        transaction.save(&mut a)?;
        transaction.save(&mut b)?;
        assert_eq!(transaction.read::<Person>("a")?.unwrap().age, 1);
        transaction.update::<Person>("a", |person| {
            person.age += 10;
            Ok(())
        })?;
        transaction.put("c", Person { age: 3, ..Person::default() })?;
        transaction.delete::<Person>("b")
    })
    .unwrap();
    assert_eq!(repo.sequence(), 2);
    assert!(a.version().is_some());
    assert_eq!(repo.get::<Person>("a").unwrap().unwrap().age, 11);
    assert!(!repo.contains::<Person>("b").unwrap());
    assert_eq!(repo.verify().unwrap().objects, 3);
}

#[test]
fn a_transaction_inside_a_transaction_is_told() {
    let repo = Repo::memory().unwrap();
    let error = repo.transaction(|_| repo.put("a", Person::default())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    // What needs no store is answered: as it was before the transaction.
    assert_eq!(repo.transaction(|_| Ok((repo.len(), repo.sequence()))).unwrap(), (0, 1));
    repo.put("a", Person::default()).unwrap();
}
