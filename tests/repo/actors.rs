//! One dot, one write: copies of files, unknown outcomes, clones of handles.

use super::Person;
use crate::folder::Folder;
use dronestore::store::Store as _;
use dronestore::stores::{MemoryStore, RedbStore};
use dronestore::testing::{Fault, FaultyStore};
use dronestore::{Drone, ErrorKind, Repo};
use std::fs;
use std::sync::Arc;

#[test]
fn a_copied_file_takes_a_new_actor_before_it_writes() {
    let folder = Folder::new();
    let (original, copy) = (folder.join("a.drone"), folder.join("b.drone"));
    Repo::open(&original).unwrap().put("x", Person::default()).unwrap();
    fs::copy(&original, &copy).unwrap();
    let (a, b) = (Repo::open(&original).unwrap(), Repo::open(&copy).unwrap());
    assert_ne!(a.actor(), b.actor());
    for repo in [&a, &b] {
        let mut person = repo.get::<Person>("x").unwrap().unwrap();
        person.visits += 1;
        repo.save(&mut person).unwrap();
    }
    a.merge(&b).unwrap();
    b.merge(&a).unwrap();
    assert_eq!(a.hash(), b.hash());
    assert_eq!(a.get::<Person>("x").unwrap().unwrap().visits, 2);
    let actor = b.actor();
    drop(b);
    assert_eq!(Repo::open(&copy).unwrap().actor(), actor);
}

#[test]
fn a_file_restored_in_place_takes_a_new_actor() {
    let folder = Folder::new();
    let (live, backup) = (folder.join("a.drone"), folder.join("backup"));
    let repo = Repo::open(&live).unwrap();
    repo.put("x", Person::default()).unwrap();
    if repo.store().witness().is_none_or(|witness| witness.mark().unwrap().is_none()) {
        println!("this file system keeps no extended attributes: restoring in place cannot be noticed on it");
        return;
    }
    let actor = repo.actor();
    drop(repo);
    fs::copy(&live, &backup).unwrap();
    let repo = Repo::open(&live).unwrap();
    assert_eq!(repo.actor(), actor);
    let mut gone = repo.get::<Person>("x").unwrap().unwrap();
    gone.visits += 1;
    repo.save(&mut gone).unwrap();
    drop(repo);
    fs::copy(&backup, &live).unwrap();
    let repo = Repo::open(&live).unwrap();
    assert_ne!(repo.actor(), actor);
    let mut person = repo.get::<Person>("x").unwrap().unwrap();
    person.visits += 1;
    repo.save(&mut person).unwrap();
    person.merge(&gone).unwrap();
    assert_eq!(person.visits, 2);
}

#[test]
fn a_file_ahead_of_its_mark_is_at_home_and_one_behind_is_not() {
    let folder = Folder::new();
    let path = folder.join("a.drone");
    let save = |times: usize| {
        let repo = Repo::open(&path).unwrap();
        let mut person = repo.get::<Person>("x").unwrap().unwrap_or_else(|| Person::named("x").unwrap());
        (0..times).for_each(|_| {
            person.visits += 1;
            repo.save(&mut person).unwrap();
        });
        (repo.actor(), repo.store().witness().and_then(|witness| witness.mark().unwrap()))
    };
    let set_mark = |mark: &[u8]| RedbStore::open(&path).unwrap().witness().unwrap().set_mark(mark).unwrap();
    // As a kill or a power loss leaves it: many batches in a row, and the mark of an early one.
    let (actor, early) = save(1);
    let Some(early) = early else { return };
    let (_, last) = save(20);
    assert_ne!(last.as_ref(), Some(&early));
    set_mark(&early);
    assert_eq!(save(0), (actor, last));

    // As an older file that is put back leaves it: of many marks in a row the last was written when it was closed.
    let backup = fs::read(&path).unwrap();
    save(20);
    fs::write(&path, backup).unwrap();
    assert_ne!(save(0).0, actor);
}

/// The backup of a repo that nobody had written to has its first row, and no mark of a row.
#[test]
fn an_empty_file_put_back_in_the_place_of_a_written_one_takes_a_new_actor() {
    let folder = Folder::new();
    let path = folder.join("a.drone");
    let actor = Repo::open(&path).unwrap().actor();
    let backup = fs::read(&path).unwrap();
    let repo = Repo::open(&path).unwrap();
    assert_eq!(repo.actor(), actor);
    repo.put("x", Person::default()).unwrap();
    if repo.store().witness().is_none_or(|witness| witness.mark().unwrap().is_none()) {
        return;
    }
    drop(repo);
    for _ in 0..3 {
        // It is put back again before anything is written.
        fs::write(&path, &backup).unwrap();
        assert_ne!(Repo::open(&path).unwrap().actor(), actor);
    }
}

#[test]
fn a_save_of_unknown_outcome_is_found_out_by_the_next() {
    for fault in [Fault::Keep, Fault::Lose, Fault::Refuse] {
        let store = FaultyStore::new(MemoryStore::new());
        let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
        repo.put("x", Person { visits: 1, ..Person::default() }).unwrap();
        let mut person = repo.get::<Person>("x").unwrap().unwrap();
        let before = person.version().unwrap().clone();
        person.visits += 1;
        store.fail_apply(1, fault);
        assert!(repo.save(&mut person).is_err());
        assert_eq!(person.version(), Some(&before));
        assert_eq!(person.visits, 2);
        person.first = "more".into();
        repo.save(&mut person).unwrap();
        let read = repo.get::<Person>("x").unwrap().unwrap();
        assert_eq!((read.visits, read.first.as_str()), (2, "more"), "{fault:?}");
        assert!(!read.version().unwrap().has_concurrent_values().unwrap());
        repo.verify().unwrap();
    }
}

#[test]
fn after_a_write_of_unknown_outcome_a_repo_says_what_it_holds() {
    for fault in [Fault::Keep, Fault::Lose] {
        let store = FaultyStore::new(MemoryStore::new());
        let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
        let other = Repo::builder().replica_of(&repo).open().unwrap();
        other.put("x", Person::default()).unwrap();
        store.fail_apply(1, fault);
        assert_eq!(repo.merge(&other).unwrap_err().kind(), ErrorKind::Unknown);
        assert_eq!(repo.hash(), repo.verify().unwrap().hash, "{fault:?}");
        assert_eq!(repo.hash() == other.hash(), fault == Fault::Keep);
        // It never wrote again, and two that held the same were never in sync.
        assert!(repo.sync_with(&other).unwrap().in_sync, "{fault:?}");
    }
}

#[test]
fn a_lost_save_is_not_taken_for_made_when_others_wrote_meanwhile() {
    let store = FaultyStore::new(MemoryStore::new());
    let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    repo.put("x", Person::default()).unwrap();
    let mut lost = repo.get::<Person>("x").unwrap().unwrap();
    lost.visits += 1;
    store.fail_apply(1, Fault::Lose);
    assert_eq!(repo.save(&mut lost).unwrap_err().kind(), ErrorKind::Unknown);
    for _ in 0..3 {
        let mut other = repo.get::<Person>("x").unwrap().unwrap();
        other.visits += 10;
        repo.save(&mut other).unwrap();
    }
    repo.save(&mut lost).unwrap();
    assert_eq!(lost.visits, 31);
}

#[test]
fn a_clone_of_a_handle_writes_under_another_actor() {
    let mut a = Person::named("x").unwrap();
    a.visits = 1;
    a.commit().unwrap();
    let mut b = a.clone();
    a.visits += 1;
    b.visits += 1;
    a.commit().unwrap();
    b.commit().unwrap();
    a.merge(&b).unwrap();
    assert_eq!(a.visits, 3);
    assert_eq!(a.version().unwrap().context().entries().len(), 2);
}

#[test]
fn a_handle_set_back_to_an_older_version_loses_its_right() {
    let mut handle = Person::named("x").unwrap();
    handle.visits = 1;
    handle.commit().unwrap();
    let old = handle.clone();
    handle.visits += 1;
    handle.commit().unwrap();
    let newer = handle.clone();
    handle = old;
    handle.visits += 1;
    handle.commit().unwrap();
    handle.merge(&newer).unwrap();
    assert_eq!(handle.visits, 3);
}

#[test]
fn two_repos_over_one_store_take_turns() {
    let store = Arc::new(MemoryStore::new());
    let open = || Repo::builder().store(store.clone()).open().unwrap();
    let (a, b) = (open(), open());
    a.put("x", Person::default()).unwrap();
    for _ in 0..10 {
        for repo in [&a, &b] {
            let mut person = repo.get::<Person>("x").unwrap().unwrap();
            person.visits += 1;
            repo.save(&mut person).unwrap();
        }
    }
    assert_eq!(a.get::<Person>("x").unwrap().unwrap().visits, 20);
    b.verify().unwrap();
}

#[test]
fn a_repo_that_slept_through_a_trimmed_log_notices_who_wrote_meanwhile() {
    let store = Arc::new(MemoryStore::new());
    let open = || Repo::builder().store(store.clone()).open().unwrap();
    let (sleeper, busy) = (open(), open());
    for step in 0..5_000u64 {
        busy.put("x", Person { visits: step, ..Person::default() }).unwrap();
    }
    sleeper.put("y", Person::default()).unwrap();
    assert_eq!(busy.get::<Person>("x").unwrap().unwrap().visits, 4_999);
    assert_eq!(busy.verify().unwrap().objects, 2);
}

#[test]
fn a_handle_whose_save_is_in_doubt_merges_nothing_until_it_is_found_out() {
    let store = FaultyStore::new(MemoryStore::new());
    let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    let mut desk = Person::named("x").unwrap();
    repo.save(&mut desk).unwrap();
    let mut laptop = desk.clone();
    laptop.visits += 10;
    laptop.commit().unwrap();
    desk.visits += 5;
    store.fail_apply(1, Fault::Keep);
    assert_eq!(repo.save(&mut desk).unwrap_err().kind(), ErrorKind::Unknown);
    desk.commit().unwrap();
    assert!(desk.merge(&laptop).is_err());
    repo.save(&mut desk).unwrap();
    desk.merge(&laptop).unwrap();
    repo.save(&mut desk).unwrap();
    repo.merge(&laptop).unwrap();
    assert_eq!(repo.get::<Person>("x").unwrap().unwrap().visits, 15);
}
