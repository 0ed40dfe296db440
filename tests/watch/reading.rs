//! Reading: waiting, ending, falling behind, decisions, versions without the Rust type.

use super::{Mirror, Other, Person, person};
use dronestore::stores::MemoryStore;
use dronestore::testing::{Fault, FaultyStore};
use dronestore::{Cause, Drone, Repo, Resolution, Update, Value, Versioned, Watch};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(20);

#[test]
fn a_change_says_which_fields_and_what_they_were() {
    let repo = Repo::memory().unwrap();
    repo.put("a", person("ann", 1)).unwrap();
    let mut watch = repo.watch::<Person>().unwrap();
    let Some(Update::Result { objects, behind: false, .. }) = watch.try_next().unwrap() else { panic!() };
    assert_eq!(objects[0].name, "ann");
    repo.update::<Person>("a", |person| {
        person.rank = 2;
        person.team = Some("red".into());
        Ok(())
    })
    .unwrap();
    let Some(Update::Changed { object, before, fields, cause, .. }) = watch.try_next().unwrap() else {
        panic!()
    };
    assert_eq!((object.rank, before.unwrap().rank, cause), (2, 1, Cause::Local));
    let told: Vec<_> = fields.into_iter().map(|field| (field.name, field.old, field.new)).collect();
    assert_eq!(
        told,
        [
            ("rank".to_owned(), Some(Value::from(1)), Value::from(2)),
            ("team".to_owned(), Some(Value::Null), Value::from("red")),
        ]
    );
    repo.delete::<Person>("a").unwrap();
    let removed = watch.try_next().unwrap().unwrap();
    assert!(matches!(removed, Update::Removed { deleted: true, before: Some(_), .. }));
    assert_eq!(watch.try_next().unwrap(), None);
}

#[test]
fn whoever_waits_is_woken_and_stopped() {
    let repo = Repo::memory().unwrap();
    let watch = repo.watch::<Person>().unwrap();
    let stopper = watch.stopper();
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = thread::spawn(move || {
        for update in watch {
            sender.send(update.unwrap()).unwrap();
        }
    });
    receiver.recv_timeout(LONG).unwrap();
    repo.put("a", person("ann", 1)).unwrap();
    assert!(matches!(receiver.recv_timeout(LONG).unwrap(), Update::Added { .. }));
    stopper.stop();
    thread.join().unwrap();
    let mut watch = repo.watch::<Person>().unwrap();
    watch.try_next().unwrap().unwrap();
    assert!(watch.next_timeout(Duration::from_millis(1)).unwrap().is_none());
}

#[test]
fn whoever_falls_behind_gets_the_result_anew() {
    let repo = Repo::memory().unwrap();
    let mut watch = repo.watch::<Person>().unwrap().capacity(3);
    let mut mirror = Mirror::default();
    mirror.apply(watch.try_next().unwrap().unwrap());
    for number in 0..3 {
        repo.put(number.to_string(), person("n", number)).unwrap();
    }
    while let Some(update) = watch.try_next().unwrap() {
        mirror.apply(update);
    }
    assert_eq!((mirror.results, mirror.objects.len()), (1, 3));
    for number in 0..10 {
        repo.put(number.to_string(), person("m", number)).unwrap();
    }
    let update = watch.try_next().unwrap().unwrap();
    assert!(matches!(&update, Update::Result { behind: true, objects, .. } if objects.len() == 10));
    assert_eq!(watch.try_next().unwrap(), None);
    // One batch that is more than the queue holds is as much.
    repo.transaction(|transaction| {
        (0..10).try_for_each(|number| transaction.put(number.to_string(), person("o", number)).map(drop))
    })
    .unwrap();
    assert!(matches!(watch.try_next().unwrap(), Some(Update::Result { behind: true, .. })));
    // Behind is not for ever.
    repo.put("1", person("p", 1)).unwrap();
    assert!(matches!(watch.try_next().unwrap(), Some(Update::Changed { .. })));
}

#[test]
fn a_decision_is_a_change() {
    let here = Repo::memory().unwrap();
    let there = Repo::builder().replica_of(&here).open().unwrap();
    here.put("a", Person { plan: "x".into(), ..Person::default() }).unwrap();
    there.put("a", Person { plan: "y".into(), ..Person::default() }).unwrap();
    here.merge(&there).unwrap();
    let mut watch = here.query::<Person>().filter(Person::fields().plan.eq("x")).watch().unwrap();
    let Some(Update::Result { objects, .. }) = watch.try_next().unwrap() else { panic!() };
    assert!(objects.is_empty(), "the newer one is read");
    there.merge(&here).unwrap();
    let conflict = there.conflicts::<Person>().unwrap().next().unwrap().unwrap();
    there.resolve(&conflict, Resolution::Value("x".into())).unwrap();
    here.sync_with(&there).unwrap();
    let Some(Update::Added { object, cause, .. }) = watch.try_next().unwrap() else { panic!() };
    assert_eq!((object.plan.as_str(), cause), ("x", Cause::Sync));
}

#[test]
fn versions_are_watched_without_the_rust_type() {
    let repo = Repo::memory().unwrap();
    let query = r#"rank >= 3 order by rank"#.parse().unwrap();
    let mut watch = repo.query_kind("Person", &query).unwrap().watch().unwrap();
    assert!(matches!(watch.try_next().unwrap(), Some(Update::Result { .. })));
    // The schema comes with the first object: what was known before is read anew.
    repo.put("a", person("ann", 5)).unwrap();
    let Some(Update::Result { objects, behind: true, .. }) = watch.try_next().unwrap() else { panic!() };
    assert_eq!(objects.len(), 1);
    repo.put("a", person("ann", 6)).unwrap();
    let Some(Update::Changed { fields, .. }) = watch.try_next().unwrap() else { panic!() };
    assert_eq!((fields.len(), &fields[0].new), (1, &Value::from(6)));
    repo.put("a", person("ann", 1)).unwrap();
    assert!(matches!(watch.try_next().unwrap(), Some(Update::Removed { deleted: false, .. })));
}

#[test]
fn a_failed_write_tells_nothing() {
    let repo = Repo::memory().unwrap();
    let mut watch = repo.watch::<Person>().unwrap();
    watch.try_next().unwrap();
    let failed: Result<(), _> = repo.transaction(|transaction| {
        transaction.put("a", person("ann", 5))?;
        Err(dronestore::Error::new(dronestore::ErrorKind::Invalid, "changed my mind"))
    });
    failed.unwrap_err();
    repo.put("a", Other::default()).unwrap();
    assert_eq!(watch.try_next().unwrap(), None);
}

#[test]
fn an_error_ends_it() {
    let repo = Repo::memory().unwrap();
    let wrong = repo.query::<Person>().matching("rank >").watch();
    assert!(wrong.is_err());
    let mut watch = repo.watch::<Person>().unwrap();
    watch.try_next().unwrap();
    assert!(!watch.has_ended());
    watch.stopper().stop();
    assert!(watch.next().is_none() && watch.next().is_none() && watch.has_ended());
}

#[test]
fn many_threads_write_and_one_is_told_of_everything() {
    let repo = Repo::memory().unwrap();
    let mut watch = repo.watch::<Person>().unwrap();
    let mut mirror = Mirror::default();
    thread::scope(|scope| {
        for writer in 0..4 {
            let repo = repo.clone();
            scope.spawn(move || {
                for number in 0..50 {
                    let name = format!("{}", (writer + number) % 7);
                    repo.update::<Person>(name, |person| {
                        person.visits += 1;
                        Ok(())
                    })
                    .unwrap();
                }
            });
        }
        // The first result is of some moment among the writes, and nothing is told twice or left out.
        let all = |mirror: &Mirror| mirror.objects.values().map(|person| person.visits).sum::<i64>() == 200;
        while !all(&mirror) {
            mirror.apply(watch.next_timeout(LONG).unwrap().unwrap());
        }
    });
    assert_eq!(mirror.results, 1);
}

#[test]
fn who_begins_among_writes_misses_nothing() {
    let repo = Repo::memory().unwrap();
    let mut watched: Vec<(Watch<Versioned<Person>>, Mirror)> = Vec::new();
    thread::scope(|scope| {
        for writer in 0..2 {
            let repo = repo.clone();
            scope.spawn(move || {
                for number in 0..600 {
                    let name = format!("{writer}{}", number % 9);
                    repo.put(name, person("n", number)).unwrap();
                }
            });
        }
        for _ in 0..60 {
            let mut watch = repo.watch::<Person>().unwrap();
            let mut mirror = Mirror::default();
            mirror.apply(watch.try_next().unwrap().unwrap());
            watched.push((watch, mirror));
            for (watch, mirror) in &mut watched {
                while let Some(update) = watch.try_next().unwrap() {
                    mirror.apply(update);
                }
            }
        }
    });
    let found: Vec<_> = repo.iter::<Person>().unwrap().map(|person| person.unwrap()).collect();
    for (watch, mirror) in &mut watched {
        while let Some(update) = watch.try_next().unwrap() {
            mirror.apply(update);
        }
        assert_eq!(mirror.objects.values().collect::<Vec<_>>(), found.iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_batch_of_unknown_outcome_is_told_if_it_was_made() {
    for fault in [Fault::Lose, Fault::Keep] {
        let store = FaultyStore::new(MemoryStore::new());
        let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
        repo.put("a", person("ann", 1)).unwrap();
        let mut watch = repo.watch::<Person>().unwrap();
        let mut mirror = Mirror::default();
        mirror.apply(watch.try_next().unwrap().unwrap());
        store.fail_apply(1, fault);
        repo.put("a", person("ann", 2)).unwrap_err();
        let mut catch_up = || {
            while let Some(update) = watch.try_next().unwrap() {
                mirror.apply(update);
            }
            let known: Vec<i64> = mirror.objects.values().map(|person| person.rank).collect();
            let found: Vec<i64> = repo.iter::<Person>().unwrap().map(|person| person.unwrap().rank).collect();
            assert_eq!(known, found, "{fault:?}");
        };
        catch_up();
        repo.put("b", person("bob", 3)).unwrap();
        catch_up();
    }
}
