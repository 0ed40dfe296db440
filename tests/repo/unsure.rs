//! After a write whose outcome nobody knows: what a repo says of itself is what is there.

use super::Person;
use dronestore::stores::MemoryStore;
use dronestore::testing::{Fault, FaultyStore};
use dronestore::{ErrorKind, Repo, Update};
use std::sync::Arc;

fn on(store: &MemoryStore) -> Repo {
    Repo::builder().store(Arc::new(store.clone())).open().unwrap()
}

fn put(repo: &Repo, name: &str) -> dronestore::Result<()> {
    repo.put(name, Person::default()).map(drop)
}

#[test]
fn a_batch_that_landed_counts_as_soon_as_the_store_can_be_read() {
    let memory = MemoryStore::new();
    let store = FaultyStore::new(memory.clone());
    let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    put(&repo, "ann").unwrap();
    let mut watch = repo.watch::<Person>().unwrap();
    assert!(matches!(watch.try_next().unwrap(), Some(Update::Result { .. })));
    store.die_at_apply(1, Fault::Keep);
    assert_eq!(put(&repo, "bob").unwrap_err().kind(), ErrorKind::Unknown);
    assert_eq!(repo.len(), 1, "nobody can know yet");
    store.heal();
    let known = on(&memory);
    assert_eq!((repo.len(), repo.hash(), repo.sequence()), (2, known.hash(), known.sequence()));
    match watch.try_next().unwrap() {
        Some(Update::Result { objects, behind, .. }) => assert_eq!((objects.len(), behind), (2, true)),
        other => panic!("{other:?}"),
    }
    put(&repo, "kim").unwrap();
    assert_eq!((repo.len(), repo.hash()), (3, on(&memory).hash()));
    repo.verify().unwrap();
}

#[test]
fn a_batch_that_lands_later_counts_then() {
    let memory = MemoryStore::new();
    let store = FaultyStore::new(memory.clone());
    let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    put(&repo, "ann").unwrap();
    store.fail_apply(1, Fault::Lose);
    assert_eq!(put(&repo, "bob").unwrap_err().kind(), ErrorKind::Unknown);
    assert_eq!(repo.len(), 1);
    // As if the store had made it after all: somebody else makes one.
    let other = on(&memory);
    put(&other, "bob").unwrap();
    assert_eq!((repo.len(), repo.hash()), (2, other.hash()));
    put(&repo, "kim").unwrap();
    assert_eq!((repo.len(), repo.hash()), (3, on(&memory).hash()));
}
