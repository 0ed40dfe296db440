//! Compaction of a repo that is open.

use super::{City, all, cities};
use crate::folder::Folder;
use dronestore::store::{Compacted, Store};
use dronestore::stores::MemoryStore;
use dronestore::testing::{CountingStore, FaultyStore};
use dronestore::{ErrorKind, Repo};
use std::sync::Arc;

#[test]
fn a_file_gives_back_what_it_does_not_need() {
    let folder = Folder::new();
    let path = folder.join("a.drone");
    let repo = Repo::open(&path).unwrap();
    repo.import(cities(20_000)).unwrap();
    for (name, _) in cities(20_000) {
        // Every tenth stays, and with the others gone the file could be smaller.
        if !name.ends_with('0') {
            break;
        }
    }
    let (hash, wanted) = (repo.hash(), all::<City>(&repo));
    let compacted: Compacted = repo.compact().unwrap();
    assert!(compacted.freed() > 0, "{compacted}");
    assert_eq!(std::fs::metadata(&path).unwrap().len(), compacted.after);
    assert_eq!(repo.store().size().unwrap(), Some(compacted.after));
    assert_eq!((repo.hash(), all::<City>(&repo)), (hash, wanted.clone()));
    // It goes on being a repo.
    repo.import(cities(20_001)).unwrap();
    repo.verify().unwrap();
    drop(repo);
    let repo = Repo::open(&path).unwrap();
    assert_eq!(repo.verify().unwrap().objects, 20_001);
    assert_eq!(all::<City>(&repo)[..20_000], wanted);
}

#[test]
fn whoever_reads_is_in_the_way() {
    let folder = Folder::new();
    let repo = Repo::open(folder.join("a.drone")).unwrap();
    repo.import(cities(100)).unwrap();
    let view = repo.view().unwrap();
    let error = repo.compact().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert!(error.to_string().contains("let go of views"), "{error}");
    drop(view);
    let mut cities = repo.iter::<City>().unwrap();
    cities.next().unwrap().unwrap();
    assert!(repo.compact().unwrap_err().is_retryable());
    drop(cities);
    let inside = repo.transaction(|_| repo.compact().map(drop)).unwrap_err();
    assert_eq!(inside.kind(), ErrorKind::Busy);
    repo.compact().unwrap();
    assert_eq!(repo.verify().unwrap().objects, 100);
}

#[test]
fn others_wait_and_lose_nothing() {
    let folder = Folder::new();
    let path = folder.join("a.drone");
    let repo = Repo::open(&path).unwrap();
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let repo = repo.clone();
                scope.spawn(move || {
                    for number in 0..15 {
                        repo.put(format!("{writer} {number}"), City::default()).unwrap();
                        assert!(repo.contains::<City>(format!("{writer} {number}")).unwrap());
                    }
                })
            })
            .collect();
        let mut compacted = 0;
        while writers.iter().any(|writer| !writer.is_finished()) {
            match repo.compact() {
                Ok(_) => compacted += 1,
                Err(error) => assert_eq!(error.kind(), ErrorKind::Busy, "{error}"),
            }
        }
        println!("compacted {compacted} times");
    });
    assert_eq!((repo.len(), repo.verify().unwrap().objects), (45, 45));
    drop(repo);
    assert_eq!(Repo::open(&path).unwrap().verify().unwrap().objects, 45);
}

#[test]
fn a_store_that_cannot_says_so() {
    assert_eq!(Repo::memory().unwrap().compact().unwrap(), Compacted::default());
    let wrapped = CountingStore::new(FaultyStore::new(MemoryStore::new()));
    assert_eq!(wrapped.compact().unwrap().freed(), 0);
    assert_eq!(wrapped.size().unwrap(), None);
    let dead = FaultyStore::new(MemoryStore::new());
    let repo = Repo::builder().store(Arc::new(dead.clone())).open().unwrap();
    dead.fail_call(1, dronestore::testing::Fault::Refuse);
    assert_eq!(repo.compact().unwrap_err().kind(), ErrorKind::Store);
    repo.compact().unwrap();
}
