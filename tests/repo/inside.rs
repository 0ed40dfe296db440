//! Transactions that read as much as they write, that are made again, and saves that say what they met.

use super::Person;
use crate::random::{Random, from_env};
use dronestore::stores::MemoryStore;
use dronestore::{Drone, ErrorKind, Repo, Resolution};
use std::sync::Arc;

fn person(age: u32) -> Person {
    Person { age, ..Person::default() }
}

fn ages(found: impl Iterator<Item = dronestore::Result<(dronestore::Key, Person)>>) -> Vec<u32> {
    found.map(|found| found.unwrap().1.age).collect()
}

#[test]
fn a_query_inside_sees_what_is_staged() {
    let repo = Repo::memory().unwrap();
    for (name, age) in [("b", 2), ("d", 4), ("f", 6)] {
        repo.put(name, person(age)).unwrap();
    }
    repo.transaction(|transaction| {
        transaction.put("a", person(1))?;
        transaction.put("g", person(7))?;
        transaction.put("e", person(5))?;
        transaction.put("d", person(40))?;
        transaction.delete::<Person>("f")?;
        assert_eq!(ages(transaction.query::<Person>()?.run()?), [1, 2, 40, 5, 7]);
        let before = transaction.query::<Person>()?.run()?;
        // It may write while it reads.
        for found in transaction.query::<Person>()?.filter(Person::fields().age.lt(6)).run()? {
            let (key, person) = found?;
            transaction.put(&key, Person { age: person.age + 100, ..person })?;
        }
        assert_eq!(ages(before), [1, 2, 40, 5, 7], "as it was when it was asked");
        let eldest = transaction.query::<Person>()?.order_by(Person::fields().age.desc()).limit(2);
        assert_eq!(ages(eldest.run()?), [105, 102]);
        assert_eq!(transaction.query::<Person>()?.count()?, 5);
        assert!(transaction.query::<Person>()?.matching("age = 101").exists()?);
        assert_eq!(transaction.query::<Person>()?.max(Person::fields().age)?, Some(105));
        Ok(())
    })
    .unwrap();
    assert_eq!(repo.query::<Person>().count().unwrap(), 5);
    repo.verify().unwrap();
}

#[test]
fn what_is_read_at_the_end_is_what_is_there_afterwards() {
    let mut random = Random::new(from_env("DRONESTORE_SEED", 1));
    let repo = Repo::memory().unwrap();
    for round in 0..60 {
        let texts = [
            "",
            "age > 40",
            r#"plan = "x" order by age desc limit 4"#,
            "order by first, age offset 2",
            "visits > 0",
        ];
        let text = texts[random.below(texts.len())];
        let inside: Vec<(dronestore::Key, Person)> = repo
            .transaction(|transaction| {
                for _ in 0..random.below(12) {
                    let name = random.below(15).to_string();
                    match random.below(5) {
                        0 => drop(transaction.delete::<Person>(name)?),
                        _ => drop(transaction.update::<Person>(name, |person| {
                            person.first = random.below(3).to_string();
                            person.age = person.age.max(random.below(90) as u32);
                            person.visits += random.below(2) as u64;
                            person.plan = ["x", "y"][random.below(2)].into();
                            Ok(())
                        })?),
                    }
                }
                transaction.query::<Person>()?.matching(text).run()?.collect()
            })
            .unwrap();
        let after = repo.query::<Person>().matching(text).run().unwrap().map(|found| found.unwrap());
        let after: Vec<_> = after.map(|found| (found.key().clone(), (*found).clone())).collect();
        assert_eq!(inside, after, "round {round}: {text}");
    }
}

#[test]
fn a_shape_that_is_only_staged_is_nobodys_afterwards() {
    let repo = Repo::memory().unwrap();
    let failed = repo.transaction(|transaction| {
        transaction.put("a", person(1))?;
        assert_eq!(transaction.query::<Person>()?.count()?, 1);
        Err::<(), _>(dronestore::Error::new(ErrorKind::Invalid, "changed my mind"))
    });
    failed.unwrap_err();
    repo.put("b", Person { first: "Ann".into(), ..Person::default() }).unwrap();
    assert_eq!(repo.get::<Person>("b").unwrap().unwrap().first, "Ann");
    repo.verify().unwrap();
}

#[test]
fn a_decision_that_is_staged_is_read() {
    let here = Repo::memory().unwrap();
    let there = Repo::builder().replica_of(&here).open().unwrap();
    here.put("a", Person { plan: "x".into(), ..Person::default() }).unwrap();
    there.put("a", Person { plan: "y".into(), ..Person::default() }).unwrap();
    there.merge(&here).unwrap();
    let conflict = there.conflicts::<Person>().unwrap().next().unwrap().unwrap();
    there.resolve(&conflict, Resolution::Value("x".into())).unwrap();
    here.transaction(|transaction| {
        for version in there.objects(&dronestore::Key::root())? {
            transaction.merge(&version?)?;
        }
        let found = transaction.query::<Person>()?.filter(Person::fields().plan.eq("x"));
        assert_eq!(found.first()?.unwrap().1.plan, "x");
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_view_is_asked_several_times_of_one_moment() {
    let repo = Repo::memory().unwrap();
    repo.put("a", person(1)).unwrap();
    let mut view = repo.view().unwrap();
    repo.put("b", person(2)).unwrap();
    repo.delete::<Person>("a").unwrap();
    assert_eq!(view.query::<Person>().count().unwrap(), 1);
    assert_eq!(view.query::<Person>().first().unwrap().unwrap().age, 1);
    assert!(view.get::<Person>("b").unwrap().is_none());
    assert_eq!(view.iter::<Person>().unwrap().count(), 1);
}

#[test]
fn a_transaction_is_made_again_where_another_repo_wrote_in_between() {
    let store = Arc::new(MemoryStore::new());
    let open = || Repo::builder().store(store.clone()).open().unwrap();
    let (here, there) = (open(), open());
    here.put("a", person(1)).unwrap();
    let mut tries = 0;
    let age = here.transaction_with_retries(2, |transaction| {
        tries += 1;
        if tries < 3 {
            there.put("a", person(10 * tries)).unwrap();
        }
        let seen = transaction.read::<Person>("a")?.unwrap();
        transaction.put("a", Person { age: seen.age + 1, ..seen.clone() })?;
        Ok(seen.age + 1)
    });
    assert_eq!((age.unwrap(), tries), (21, 3));
    let always = here.transaction_with_retries(1, |transaction| {
        tries += 1;
        there.put("a", person(10 * tries)).unwrap();
        transaction.put("a", Person { first: tries.to_string(), ..person(60) }).map(drop)
    });
    assert_eq!((always.unwrap_err().kind(), tries), (ErrorKind::Conflict, 5));
    assert_eq!(here.get::<Person>("a").unwrap().unwrap().age, 50);
}

#[test]
fn a_save_says_what_it_met() {
    let repo = Repo::memory().unwrap();
    let mut made = Person::named("a").unwrap();
    made.first = "Ann".into();
    assert!(!repo.save(&mut made).unwrap().merged);
    let mut stale = repo.get::<Person>("a").unwrap().unwrap();
    made.last = "Lee".into();
    made.visits += 1;
    assert!(!repo.save(&mut made).unwrap().merged, "nobody else wrote");
    stale.age = 40;
    let report = repo.save(&mut stale).unwrap();
    assert!(report.merged && report.is_new());
    assert_eq!(
        (report.changed.as_slice(), report.theirs.as_slice()),
        (&["age"][..], &["last".to_owned(), "visits".into()][..])
    );
    assert!(report.to_string().ends_with(": age; merged with last, visits"), "{report}");
    assert_eq!((stale.last.as_str(), stale.visits, stale.age), ("Lee", 1, 40));
    // Without a change of its own it learns what there is.
    let report = repo.save(&mut made).unwrap();
    assert_eq!((report.merged, report.is_new(), report.theirs), (true, false, vec!["age".to_owned()]));
    assert!(!repo.save(&mut made).unwrap().merged);
    // Another device made the object meanwhile, or deleted it.
    let mut blind = Person::named("a").unwrap();
    blind.first = "Bob".into();
    let report = repo.save(&mut blind).unwrap();
    assert!(report.merged && report.theirs.contains(&"last".to_owned()));
    repo.delete::<Person>("a").unwrap();
    let mut anew = Person::named("a").unwrap();
    anew.first = "Cat".into();
    assert!(!repo.save(&mut anew).unwrap().merged);
}
