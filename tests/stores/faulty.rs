//! FaultyStore and CountingStore do what they are told, and are stores themselves.

use dronestore::ErrorKind;
use dronestore::store::{Direction, Range, Store, Write};
use dronestore::stores::MemoryStore;
use dronestore::testing::{CountingStore, Counts, Fault, FaultyStore, check_store};
use std::sync::Arc;

fn put(store: &dyn Store, key: &[u8]) -> Result<(), ErrorKind> {
    store.apply(&[], &[Write::put(key, b"value")]).map_err(|error| error.kind())
}

fn has(store: &dyn Store, key: &[u8]) -> bool {
    store.snapshot().unwrap().get(key).unwrap().is_some()
}

#[test]
fn both_pass_the_suite_when_left_alone() {
    check_store(|| Arc::new(FaultyStore::new(MemoryStore::new())));
    check_store(|| Arc::new(CountingStore::new(MemoryStore::new())));
}

#[test]
fn each_fault_does_what_its_table_says() {
    let cases = [
        (Fault::Refuse, ErrorKind::Store, false),
        (Fault::Lose, ErrorKind::Unknown, false),
        (Fault::Keep, ErrorKind::Unknown, true),
    ];
    for (fault, kind, written) in cases {
        let store = FaultyStore::new(MemoryStore::new());
        store.fail_apply(2, fault);
        assert_eq!(put(&store, b"one"), Ok(()));
        assert_eq!(put(&store, b"two"), Err(kind), "{fault:?}");
        assert_eq!(put(&store, b"three"), Ok(()));
        assert!(has(&store, b"one") && has(&store, b"three"));
        assert_eq!(has(&store, b"two"), written, "{fault:?}");
        assert_eq!(store.applies(), 3);
    }
}

#[test]
fn any_call_can_fail() {
    for nth in 1..=4 {
        let store = FaultyStore::new(MemoryStore::new());
        put(&store, b"key").unwrap();
        store.fail_call(nth, Fault::Lose);
        let run = || -> dronestore::Result<()> {
            let snapshot = store.snapshot()?;
            snapshot.get(b"key")?;
            let mut cursor = snapshot.scan(Range::ALL, Direction::Forward)?;
            cursor.next()?;
            Ok(())
        };
        assert_eq!(run().unwrap_err().kind(), ErrorKind::Store, "call {nth}");
        run().unwrap();
    }
}

#[test]
fn the_dead_answer_nothing_until_healed() {
    let store = FaultyStore::new(MemoryStore::new());
    let snapshot = store.snapshot().unwrap();
    store.die_at_apply(1, Fault::Keep);
    assert_eq!(put(&store, b"key"), Err(ErrorKind::Unknown));
    assert!(store.is_dead());
    assert_eq!(put(&store, b"more"), Err(ErrorKind::Store));
    assert!(snapshot.get(b"key").is_err() && store.snapshot().is_err());
    store.heal();
    assert!(has(&store, b"key") && !has(&store, b"more"));
    store.die_at_call(2, Fault::Refuse);
    assert!(store.snapshot().unwrap().get(b"key").is_err());
    assert!(store.clone().is_dead());
}

#[test]
fn counts_are_exact() {
    let store = CountingStore::new(MemoryStore::new());
    store.apply(&[], &[Write::put(b"one", b"12345"), Write::put(b"two", b""), Write::delete(b"x")]).unwrap();
    store.apply(&[], &[Write::put(b"", b"refused")]).unwrap_err();
    let written = store.take();
    assert_eq!((written.applies, written.keys_written, written.bytes_written), (2, 3, 12));

    let snapshot = store.snapshot().unwrap();
    snapshot.get(b"one").unwrap();
    snapshot.get(b"missing").unwrap();
    let mut cursor = snapshot.scan(Range::ALL, Direction::Forward).unwrap();
    while cursor.next().unwrap().is_some() {}
    let read = store.clone().take();
    assert_eq!((read.snapshots, read.gets, read.scans), (1, 2, 1));
    assert_eq!((read.pairs_scanned, read.bytes_read), (2, 5 + 8 + 3));
    assert_eq!(store.counts(), Counts::default());
}
