//! A store that fails, or a process that is killed, in the middle of an import.

use super::{City, all, cities};
use crate::folder::Folder;
use dronestore::stores::{MemoryStore, RedbStore};
use dronestore::testing::{Fault, FaultyStore};
use dronestore::{ErrorKind, Import, Repo, Result};
use std::cell::Cell;
use std::sync::Arc;

const COUNT: u64 = 40;

/// Imports by way of `run` while one batch after the other fails; what is reported is there, and running again is
/// enough.
fn check(run: impl Fn(&Repo, &dyn Fn(u64)) -> Result<u64>) {
    for fault in [Fault::Refuse, Fault::Lose, Fault::Keep] {
        for nth in 1..8 {
            let inner = MemoryStore::new();
            let store = FaultyStore::new(inner);
            let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
            store.die_at_apply(nth, fault);
            let durable = Cell::new(0);
            let result = run(&repo, &|objects| durable.set(objects));
            let is_dead = store.is_dead();
            store.heal();
            match result {
                Ok(count) => assert_eq!((count, is_dead), (COUNT, false)),
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::Store | ErrorKind::Unknown), "{error}");
                    assert!(is_dead);
                }
            }
            drop(repo);
            let repo = Repo::builder().store(Arc::new(store)).open().unwrap();
            repo.verify().unwrap();
            let found = repo.len();
            assert!(found >= durable.get() && found <= durable.get() + 10, "{found}, {} told", durable.get());
            run(&repo, &|_| {}).unwrap();
            let names: Vec<(String, City)> = cities(COUNT).collect();
            let stored = all::<City>(&repo);
            assert_eq!(stored.len(), names.len());
            assert!(stored.iter().zip(&names).all(|(stored, (_, city))| stored.1 == *city));
            repo.verify().unwrap();
        }
    }
}

#[test]
fn an_import_of_objects_dies_at_any_batch() {
    check(|repo, told| {
        let mut import = Import::new(repo).batch_objects(10).progress(|progress| told(progress.objects));
        Ok(import.objects(cities(COUNT))?.objects)
    });
}

#[test]
fn an_import_of_lines_dies_at_any_batch() {
    let from = Repo::memory().unwrap();
    from.import(cities(COUNT)).unwrap();
    let mut lines = Vec::new();
    from.export_json(&mut lines).unwrap();
    check(|repo, told| {
        let mut import = Import::new(repo).batch_objects(10).progress(|progress| told(progress.objects));
        Ok(import.json(&lines[..])?.objects)
    });
}

#[test]
fn an_import_of_csv_dies_at_any_batch() {
    let from = Repo::memory().unwrap();
    from.import(cities(COUNT)).unwrap();
    let mut table = Vec::new();
    from.export_csv::<City>(&mut table).unwrap();
    check(|repo, told| {
        let import = Import::new(repo).model::<City>().batch_objects(10);
        let mut import = import.progress(|progress| told(progress.objects));
        Ok(import.csv("City", &table[..])?.objects)
    });
}

#[test]
fn a_store_that_cannot_be_read_fails_and_nothing_is_half_done() {
    let mut calls = 0;
    for nth in 1.. {
        let store = FaultyStore::new(MemoryStore::new());
        let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
        let before = store.calls();
        store.fail_call(nth, Fault::Lose);
        let result = Import::new(&repo).batch_objects(3).objects(cities(7));
        if result.is_ok() {
            calls = store.calls() - before;
            break;
        }
        store.heal();
        repo.verify().unwrap();
        assert!(repo.len() <= 7);
        assert_eq!(repo.import(cities(7)).unwrap().objects, 7);
        assert_eq!(repo.len(), 7);
    }
    assert!(calls > 10);
}

#[test]
fn what_was_told_as_durable_is_in_the_file() {
    let folder = Folder::new();
    let path = folder.join("a.drone");
    let copy = folder.join("copy.drone");
    let repo = Repo::open(&path).unwrap();
    let mut told = 0;
    let mut import = Import::new(&repo).batch_objects(500).progress(|progress| {
        if told == 0 && progress.objects >= 1000 {
            // What a kill here would leave behind.
            std::fs::copy(&path, &copy).unwrap();
            told = progress.objects;
        }
    });
    import.objects(cities(3000)).unwrap();
    drop(import);
    let store = RedbStore::open(&copy).unwrap();
    let killed = Repo::builder().store(Arc::new(store)).open().unwrap();
    assert_eq!((killed.len(), killed.verify().unwrap().objects), (told, told));
    killed.import(cities(3000)).unwrap();
    assert_eq!(all::<City>(&killed), all::<City>(&repo));
}
