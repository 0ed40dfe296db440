//! Whatever was done comes back: random work against a list of the versions that stood there.

use super::{Person, repo};
use crate::random::Random;
use dronestore::stores::MemoryStore;
use dronestore::{Clock, ErrorKind, History, Nanotime, Repo, Version, Versioned};
use std::sync::Arc;

/// What stood there, from when on.
type Stood = Vec<(Nanotime, Option<Version>)>;

fn version(repo: &Repo) -> Option<Version> {
    repo.view().unwrap().version("Person", &"/Person:ann".parse().unwrap()).unwrap()
}

/// One random piece of work on the object.
pub(super) fn work(repo: &Repo, other: &Repo, random: &mut Random) {
    let text = |random: &mut Random| format!("{:x}", random.next() % 4096);
    match random.below(12) {
        0 => drop(repo.delete::<Person>("ann").unwrap()),
        1 => drop(repo.merge(other).unwrap()),
        2 => {
            let name = text(random);
            other
                .update::<Person>("ann", |person| {
                    person.last = name.clone();
                    Ok(())
                })
                .unwrap();
        }
        3 => {
            // Two in one transaction, the first of them on an older base.
            let mut handle =
                repo.get::<Person>("ann").unwrap().unwrap_or_else(|| Versioned::named("ann").unwrap());
            repo.update::<Person>("ann", |person| {
                person.visits += 1;
                Ok(())
            })
            .unwrap();
            handle.first = text(random);
            repo.transaction(|transaction| {
                transaction.save(&mut handle)?;
                transaction.update::<Person>("ann", |person| {
                    person.visits -= 3;
                    Ok(())
                })
            })
            .unwrap();
        }
        number => {
            let (name, at) = (text(random), random.below(8));
            repo.update::<Person>("ann", |person| {
                match number {
                    4 => person.first = name.clone(),
                    5 => person.age = person.age.max(random.below(99) as u32),
                    6 => drop(person.tags.insert(name.clone())),
                    7 => drop(person.tags.pop_first()),
                    8 => person.gender = Some(name.clone()),
                    9 => *person.votes.entry(name[..1].into()).or_default() += 2,
                    10 => person.story.insert_str(person.story.len().min(at), &name),
                    _ => person.story.truncate(at),
                }
                Ok(())
            })
            .unwrap();
        }
    }
}

fn check(repo: &Repo, stood: &Stood) {
    let past = repo.history_of("Person", &"/Person:ann".parse().unwrap()).unwrap();
    let step = stood.len() / 60 + 1;
    for (index, (time, version)) in stood.iter().enumerate().rev().step_by(step) {
        assert_eq!(past.version_at(*time).unwrap(), *version, "what stood there {index}");
        if let Some(version) = version {
            assert_eq!(past.version_at(version).unwrap().as_ref(), Some(version));
        }
    }
    let entries: Vec<_> = past.log().unwrap().map(Result::unwrap).collect();
    assert_eq!(entries.first().map(|entry| entry.after()), stood.last().unwrap().1.as_ref());
    for pair in entries.windows(2) {
        let [new, old] = pair else { unreachable!() };
        assert_eq!((new.before(), new.number), (Some(old.after()), old.number + 1));
        assert!(new.time >= old.time && !new.authors.is_empty());
        let diff = old.after().diff(new.after()).unwrap();
        assert_eq!(diff.attributes.len(), new.changes.len());
        if let Some(commit) = &new.commit {
            // A handle that had loaded nothing may be saved onto what stands there.
            let loaded = commit.parent != dronestore::Hash::ZERO;
            assert!(!loaded || new.parents.contains(&commit.parent));
        }
        assert!(!new.to_string().is_empty());
    }
    assert_eq!(past.graph().unwrap().nodes.len(), entries.len());
}

#[test]
fn what_stood_there_comes_back_from_any_history() {
    for seed in 0..5 {
        println!("seed {seed}");
        let mut random = Random::new(seed);
        let store = MemoryStore::new();
        let (repo, clock) = repo(&store);
        let other = Repo::builder().replica_of(&repo).clock(clock.clone()).open().unwrap();
        repo.set_history::<Person>(History::Full).unwrap();
        let mut stood: Stood = Vec::new();
        for _ in 0..60 + random.below(500) {
            clock.pass(1 + random.next() % 3_000_000_000);
            work(&repo, &other, &mut random);
            clock.pass(10);
            stood.push((clock.now(), version(&repo)));
        }
        check(&repo, &stood);
        let report = repo.verify().unwrap();
        let hash = repo.hash();

        // Opened again it is the same, and goes on.
        drop(repo);
        let repo = Repo::builder().store(Arc::new(store.clone())).clock(clock.clone()).open().unwrap();
        assert_eq!(repo.history_kept("Person").unwrap(), History::Full);
        assert_eq!((repo.verify().unwrap(), repo.hash()), (report, hash));
        for _ in 0..10 {
            clock.pass(1_000_000_000);
            work(&repo, &other, &mut random);
            clock.pass(10);
            stood.push((clock.now(), version(&repo)));
        }
        check(&repo, &stood);
    }
}

#[test]
fn a_moment_that_is_not_kept_is_said_to_be_none() {
    let (repo, clock) = repo(&MemoryStore::new());
    repo.put("ann", Person { age: 1, ..Person::default() }).unwrap();
    let first = super::head::<Person>(&repo, "ann");
    clock.pass(1_000_000_000);
    repo.set_history::<Person>(History::Full).unwrap();
    repo.update::<Person>("ann", |person| {
        person.age = 2;
        Ok(())
    })
    .unwrap();
    // What stood there when it began is known, and since when.
    assert_eq!(repo.at::<Person>("ann", first.hash()).unwrap().unwrap().age, 1);
    assert_eq!(repo.at::<Person>("ann", first.committed()).unwrap().unwrap().age, 1);
    assert!(repo.at::<Person>("ann", Nanotime::from_nanos(1)).unwrap().is_none());
    repo.set_history::<Person>(History::Head).unwrap();
    let error = repo.at::<Person>("ann", first.hash()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("none is kept"), "{error}");
    assert_eq!(repo.history::<Person>("ann").unwrap().log().unwrap().count(), 0);
}
