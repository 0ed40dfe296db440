//! Every call of the store fails once, in turn: what was acknowledged stays, and calling again goes through.

use super::Person;
use dronestore::stores::MemoryStore;
use dronestore::testing::{Fault, FaultyStore};
use dronestore::{Drone, ErrorKind, Repo, Result, Versioned};
use std::sync::Arc;

const FAULTS: [Fault; 3] = [Fault::Refuse, Fault::Lose, Fault::Keep];
/// How often a call is made before a failure that comes once counts as one that stays.
const TRIES: usize = 3;

/// Calls until it goes through; the store fails once, so the second call does.
fn again<R>(mut call: impl FnMut() -> Result<R>) -> R {
    for _ in 1..TRIES {
        match call() {
            Ok(result) => return result,
            Err(error) => {
                let kind = error.kind();
                assert!(matches!(kind, ErrorKind::Store | ErrorKind::Unknown), "{error}");
            }
        }
    }
    call().unwrap()
}

/// Saves a handle until it goes through; a failed save leaves the value as it was, and the version too unless a
/// save of unknown outcome turned out to have been made.
fn save(repo: &Repo, handle: &mut Versioned<Person>) {
    let (value, version) = ((**handle).clone(), handle.version().cloned());
    again(|| {
        let saved = repo.save(handle);
        if saved.is_err() {
            assert_eq!(**handle, value, "a failed save changes nothing");
            let moved = handle.version() != version.as_ref();
            assert!(!moved || handle.version().unwrap().context().get(&repo.actor()).is_some());
        }
        saved
    });
}

/// What is done while calls fail. Every step is made again until it goes through, and none may count twice.
fn scenario(store: &FaultyStore, source: &Repo) -> Repo {
    let open = || Repo::builder().store(Arc::new(store.clone())).replica_of(source).open();
    let repo = again(open);
    let mut ann = again(|| Person::named("ann"));
    ann.visits = 1;
    ann.tags.insert("new".into());
    save(&repo, &mut ann);
    for _ in 0..3 {
        ann.visits += 1;
        *ann.votes.entry("v".into()).or_default() += 10;
        save(&repo, &mut ann);
    }
    let mut bob = Person::named("bob").unwrap();
    again(|| {
        repo.transaction(|transaction| {
            ann.visits = 5;
            bob.visits = 7;
            transaction.save(&mut ann)?;
            transaction.save(&mut bob)?;
            transaction.put("cid", Person { age: 3, ..Person::default() })
        })
    });
    // Setting a whole value again changes nothing.
    again(|| repo.put("dan", Person { visits: 9, ..Person::default() }));
    again(|| repo.delete::<Person>("cid"));
    again(|| repo.merge(source));
    let mut eve = again(|| repo.get::<Person>("eve")).unwrap();
    eve.visits += 1;
    save(&repo, &mut eve);
    again(|| repo.iter::<Person>()?.collect::<Result<Vec<_>>>());
    again(|| repo.verify());
    repo
}

fn check(repo: &Repo, place: &str) {
    let report = repo.verify().unwrap();
    let people: Vec<(String, u64, usize, i64)> = repo
        .iter::<Person>()
        .unwrap()
        .map(Result::unwrap)
        .map(|person| {
            let name = person.key().name().into_owned();
            (name, person.visits, person.tags.len(), person.votes.values().sum())
        })
        .collect();
    let expected =
        [("ann", 5, 1, 30), ("bob", 7, 0, 0), ("dan", 9, 0, 0), ("eve", 101, 0, 0), ("fay", 1, 0, 0)];
    let expected = expected.map(|(name, visits, tags, votes)| (name.to_string(), visits, tags, votes));
    assert_eq!(people, expected, "{place}");
    assert_eq!((report.objects, report.forked), (6, 0), "{place}");
    for version in repo.objects(&dronestore::Key::root()).unwrap() {
        assert!(!version.unwrap().has_concurrent_values().unwrap(), "{place}");
    }
}

fn source() -> Repo {
    let source = Repo::memory().unwrap();
    source.put("eve", Person { visits: 100, ..Person::default() }).unwrap();
    source.put("fay", Person { visits: 1, ..Person::default() }).unwrap();
    source
}

#[test]
fn every_call_fails_once_and_nothing_is_lost_or_counted_twice() {
    let source = source();
    let store = FaultyStore::new(MemoryStore::new());
    check(&scenario(&store, &source), "without a failure");
    let calls = store.calls();
    assert!(calls > 30, "{calls}");
    for fault in FAULTS {
        for nth in 1..=calls {
            let store = FaultyStore::new(MemoryStore::new());
            store.fail_call(nth, fault);
            let repo = scenario(&store, &source);
            store.heal();
            check(&repo, &format!("{fault:?} at call {nth}"));
            let again = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
            assert_eq!((again.hash(), again.len()), (repo.hash(), repo.len()));
        }
    }
}

#[test]
fn every_batch_fails_together_with_the_next_call_that_reads() {
    let source = source();
    for fault in FAULTS {
        for nth in 1..=9 {
            for delay in 1..=4 {
                let store = FaultyStore::new(MemoryStore::new());
                // About five calls a batch: this one falls into the tries that follow, or somewhere else.
                store.fail_apply(nth, fault);
                store.fail_call(nth * 5 + delay, Fault::Refuse);
                let repo = scenario(&store, &source);
                store.heal();
                check(&repo, &format!("{fault:?} at batch {nth}, and {delay} later"));
            }
        }
    }
}

#[test]
fn a_store_that_dies_holds_what_was_acknowledged_when_it_is_opened_again() {
    for fault in FAULTS {
        for nth in 2..=8 {
            let store = FaultyStore::new(MemoryStore::new());
            let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
            let mut person = Person::named("x").unwrap();
            store.die_at_apply(nth, fault);
            let mut acknowledged = 0;
            for step in 1..=nth {
                person.visits = step;
                match repo.save(&mut person) {
                    Ok(_) => acknowledged = step,
                    Err(_) => break,
                }
            }
            assert!(repo.get::<Person>("x").is_err() && acknowledged == nth - 1);
            store.heal();
            // Another program opens the file; the handle lives on and is saved there.
            let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
            let head = repo.get::<Person>("x").unwrap().unwrap();
            assert_eq!(head.visits, acknowledged + u64::from(fault == Fault::Keep), "{fault:?} at {nth}");
            repo.save(&mut person).unwrap();
            assert_eq!(repo.get::<Person>("x").unwrap().unwrap().visits, nth, "{fault:?} at {nth}");
            repo.verify().unwrap();
        }
    }
}

/// The dot of a batch that was lost is made again by the next one. Whether the head has *this* handle's commit
/// cannot be told by the dot.
#[test]
fn a_lost_save_is_not_taken_for_made_because_others_wrote_meanwhile() {
    for fault in FAULTS {
        for others in 1..=3 {
            let store = FaultyStore::new(MemoryStore::new());
            let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
            repo.put("x", Person { visits: 10, ..Person::default() }).unwrap();
            let mut handle = repo.get::<Person>("x").unwrap().unwrap();
            handle.visits += 1;
            handle.first = "mine".into();
            store.fail_apply(1, fault);
            assert!(repo.save(&mut handle).is_err());
            for _ in 0..others {
                let mut other = repo.get::<Person>("x").unwrap().unwrap();
                other.visits += 100;
                repo.save(&mut other).unwrap();
            }
            repo.save(&mut handle).unwrap();
            let read = repo.get::<Person>("x").unwrap().unwrap();
            let place = format!("{fault:?}, then {others} saves of others");
            assert_eq!((read.visits, read.first.as_str()), (11 + 100 * others, "mine"), "{place}");
            repo.verify().unwrap();
        }
    }
}

/// A write that went through is not reported as failed because reading it back did.
#[test]
fn a_put_that_fails_has_written_nothing() {
    for nth in 1..=8 {
        let store = FaultyStore::new(MemoryStore::new());
        let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
        store.fail_call(nth, Fault::Refuse);
        let failed = repo.put("x", Person { visits: 1, ..Person::default() }).is_err();
        store.heal();
        assert_eq!(repo.contains::<Person>("x").unwrap(), !failed, "call {nth}");
    }
}
