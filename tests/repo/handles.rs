//! Two handles of one object: nothing that either wrote is lost.

use super::Person;
use dronestore::{Drone, Repo};
use std::collections::BTreeSet;
use std::thread;

#[test]
fn handles_at_one_base_add_up() {
    let repo = Repo::memory().unwrap();
    repo.put("x", Person { visits: 10, first: "base".into(), ..Person::default() }).unwrap();
    let mut a = repo.get::<Person>("x").unwrap().unwrap();
    let mut b = repo.get::<Person>("x").unwrap().unwrap();
    a.visits += 1;
    a.first = "a".into();
    a.tags.insert("a".into());
    a.votes.insert("k".into(), 2);
    b.visits += 2;
    b.first = "b".into();
    b.tags.insert("b".into());
    b.votes.insert("k".into(), 3);
    repo.save(&mut a).unwrap();
    repo.save(&mut b).unwrap();
    assert_eq!(b.visits, 13);
    assert_eq!(b.tags, BTreeSet::from(["a".to_string(), "b".to_string()]));
    assert_eq!(b.votes["k"], 5);
    assert_eq!(b.first, "b");
    // The other write of `first` stays beside the newer one until somebody has seen it.
    assert!(b.version().unwrap().has_concurrent_values().unwrap());
    b.first = "c".into();
    repo.save(&mut b).unwrap();
    assert!(!b.version().unwrap().has_concurrent_values().unwrap());
    repo.verify().unwrap();
}

#[test]
fn threads_lose_nothing() {
    let repo = Repo::memory().unwrap();
    repo.put("x", Person::default()).unwrap();
    thread::scope(|scope| {
        for thread in 0..4 {
            let repo = repo.clone();
            scope.spawn(move || {
                for step in 0..50 {
                    let mut person = repo.get::<Person>("x").unwrap().unwrap();
                    person.visits += 1;
                    person.tags.insert(format!("{thread}-{step}"));
                    repo.save(&mut person).unwrap();
                }
            });
        }
    });
    let person = repo.get::<Person>("x").unwrap().unwrap();
    assert_eq!((person.visits, person.tags.len()), (200, 200));
    repo.verify().unwrap();
}

#[test]
fn a_thousand_saves_add_no_actor() {
    let repo = Repo::memory().unwrap();
    repo.put("x", Person::default()).unwrap();
    for step in 0..1000u64 {
        let mut person = repo.get::<Person>("x").unwrap().unwrap();
        person.visits += 1;
        if step % 3 == 0 {
            person.commit().unwrap();
        }
        repo.save(&mut person).unwrap();
    }
    let person = repo.get::<Person>("x").unwrap().unwrap();
    assert_eq!(person.visits, 1000);
    assert_eq!(person.version().unwrap().context().entries().len(), 1);
}

#[test]
fn a_thousand_loads_and_commits_without_an_edit_make_no_version() {
    let repo = Repo::memory().unwrap();
    let first = repo.put("x", Person { age: 3, gender: Some("f".into()), ..Person::default() }).unwrap();
    let (version, rows) = (first.version().unwrap().clone(), repo.sequence());
    for _ in 0..1000 {
        let mut person = repo.get::<Person>("x").unwrap().unwrap();
        assert!(!person.commit().unwrap().is_new());
        assert!(!repo.save(&mut person).unwrap().is_new());
        assert_eq!(person.version(), Some(&version));
    }
    assert_eq!(repo.sequence(), rows);
}

#[test]
fn detached_commits_that_were_shown_are_kept_as_they_are() {
    let (repo, other) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    let mut person = Person::named("x").unwrap();
    person.visits = 1;
    person.commit().unwrap();
    other.merge(&person).unwrap();
    person.visits += 1;
    repo.save(&mut person).unwrap();
    assert_eq!(person.version().unwrap().context().entries().len(), 2);
    let mut both = other.get::<Person>("x").unwrap().unwrap();
    both.merge(&person).unwrap();
    assert_eq!(both.visits, 2);
}

#[test]
fn a_commit_onto_a_conflict_reads_as_what_it_wrote_whatever_the_clocks_say() {
    #[derive(Debug)]
    struct At(u64);
    impl dronestore::Clock for At {
        fn now(&self) -> dronestore::Nanotime {
            dronestore::Nanotime::from_secs(self.0).unwrap()
        }
    }
    let repo = Repo::builder().clock(At(1_000)).open().unwrap();
    for (seconds, plan) in [(100_000, "a"), (200_000, "b")] {
        let ahead = Repo::builder().clock(At(seconds)).replica_of(&repo).open().unwrap();
        ahead.put("x", Person { plan: plan.into(), ..Person::default() }).unwrap();
        repo.merge(&ahead).unwrap();
    }
    let mut person = repo.get::<Person>("x").unwrap().unwrap();
    assert_eq!(person.plan, "b");
    for plan in ["c", "d"] {
        person.plan = plan.into();
        repo.save(&mut person).unwrap();
        assert_eq!(repo.get::<Person>("x").unwrap().unwrap().plan, plan);
        assert!(person.version().unwrap().is_conflicted().unwrap());
    }
}
