//! Guard rails as counts: what a call asks of the store does not grow with what the store holds.

use super::Person;
use dronestore::Repo;
use dronestore::store::{Direction, Range, Store};
use dronestore::stores::MemoryStore;
use dronestore::testing::{CountingStore, Counts};
use std::sync::Arc;

fn counted() -> (Repo, CountingStore) {
    let store = CountingStore::new(MemoryStore::new());
    (Repo::builder().store(Arc::new(store.clone())).open().unwrap(), store)
}

fn fill(repo: &Repo, objects: usize) {
    repo.transaction(|transaction| {
        (0..objects).try_for_each(|name| transaction.put(format!("{name:06}").as_str(), person(1)).map(drop))
    })
    .unwrap();
}

fn person(step: u64) -> Person {
    let tags = (0..3).map(|tag| format!("tag{tag}")).collect();
    let votes = [("ann".to_string(), step as i64)].into();
    Person { first: format!("{step:08}"), visits: step, tags, votes, ..Person::default() }
}

/// What one edit of one object costs.
fn edit(repo: &Repo, store: &CountingStore, name: &str, step: u64) -> Counts {
    let mut handle = repo.get::<Person>(name).unwrap().unwrap();
    handle.first = format!("{step:08}");
    handle.visits += 1;
    *handle.votes.entry("ann".into()).or_default() += 1;
    store.take();
    repo.save(&mut handle).unwrap();
    store.take()
}

/// Bytes of all keys and values.
fn stored(store: &dyn Store) -> usize {
    let mut cursor = store.snapshot().unwrap().scan(Range::ALL, Direction::Forward).unwrap();
    let mut bytes = 0;
    while let Some((key, value)) = cursor.next().unwrap() {
        bytes += key.len() + value.len();
    }
    bytes
}

#[test]
fn a_save_writes_as_much_among_many_objects_as_among_few() {
    let costs = [1, 100, 10_000].map(|objects| {
        let (repo, store) = counted();
        fill(&repo, objects);
        edit(&repo, &store, "000000", 1);
        edit(&repo, &store, "000000", 2)
    });
    for counts in costs {
        assert_eq!((counts.applies, counts.keys_written), (1, 2), "a head and a row of the log");
        // The number of objects and the differences of times are varints.
        assert!(counts.bytes_written.abs_diff(costs[0].bytes_written) <= 8, "{costs:?}");
        assert_eq!((counts.gets, counts.scans, counts.snapshots), (1, 0, 1));
    }
}

#[test]
fn a_save_writes_as_much_after_many_edits_as_after_few() {
    let (repo, store) = counted();
    fill(&repo, 1);
    let costs: Vec<u64> = (0..4000).map(|step| edit(&repo, &store, "000000", step).bytes_written).collect();
    let (first, last) = (costs[10], costs[3999]);
    // Sequence numbers, totals and times are varints and grow with their logarithm.
    assert!(last <= first + 40, "{first} bytes, then {last}");
}

#[test]
fn what_is_stored_does_not_grow_with_edits() {
    let after = |edits: u64| {
        let (repo, store) = counted();
        fill(&repo, 1);
        for step in 0..edits {
            edit(&repo, &store, "000000", step);
        }
        assert_eq!(repo.verify().unwrap().objects, 1);
        stored(&store)
    };
    let (some, many) = (after(5000), after(10_000));
    // The log is trimmed to between 2048 and 4096 rows.
    let row = 150;
    assert!(many <= some + 2100 * row, "{some} bytes after 5000 edits, {many} after 10000");
    assert!(many <= 4100 * row, "{many} bytes");
}

#[test]
fn a_handle_without_changes_writes_nothing() {
    let (repo, store) = counted();
    fill(&repo, 10);
    let mut handle = repo.get::<Person>("000003").unwrap().unwrap();
    store.take();
    assert!(!repo.save(&mut handle).unwrap().is_new());
    assert!(!repo.merge(&handle).unwrap().has_news());
    repo.put("000003", person(1)).unwrap();
    assert!(!repo.delete::<Person>("nobody").unwrap());
    assert_eq!(store.take().applies, 0);
}

#[test]
fn merging_what_is_known_reads_no_head() {
    let ((ours, our_store), (theirs, their_store)) = (counted(), counted());
    fill(&ours, 2000);
    theirs.merge(&ours).unwrap();
    our_store.take();
    their_store.take();
    let report = theirs.merge(&ours).unwrap();
    assert_eq!((report.has_news(), report.known), (false, 2000));
    assert_eq!((our_store.take(), their_store.take()), (Counts::default(), Counts::default()));
}

#[test]
fn merging_writes_what_differs_and_no_more() {
    let ((ours, our_store), (theirs, their_store)) = (counted(), counted());
    fill(&ours, 2000);
    theirs.merge(&ours).unwrap();
    edit(&ours, &our_store, "000500", 9);
    their_store.take();
    assert_eq!(theirs.merge(&ours).unwrap().forwarded, 1);
    let counts = their_store.take();
    assert_eq!((counts.applies, counts.keys_written), (1, 2), "a head and a row of the log");
    assert!(counts.bytes_written < 1000, "{counts:?}");
    assert_eq!(our_store.take().applies, 0, "the source is only read");
}

#[test]
fn a_read_reads_one_key() {
    let (repo, store) = counted();
    fill(&repo, 5000);
    repo.get::<Person>("000001").unwrap();
    store.take();
    for name in ["000001", "004999", "nobody"] {
        repo.get::<Person>(name).unwrap();
        repo.contains::<Person>(name).unwrap();
        let counts = store.take();
        assert_eq!((counts.snapshots, counts.gets, counts.scans), (2, 2, 0), "{name}");
    }
    assert_eq!(repo.iter::<Person>().unwrap().count(), 5000);
    let counts = store.take();
    assert_eq!((counts.snapshots, counts.gets, counts.scans, counts.pairs_scanned), (1, 0, 1, 5000));
}

#[test]
fn totals_are_known_without_a_read() {
    let (repo, store) = counted();
    fill(&repo, 100);
    store.take();
    assert_eq!((repo.len(), repo.is_empty(), repo.sequence()), (100, false, 2));
    repo.hash();
    assert_eq!(store.take(), Counts::default());
}

#[test]
fn a_transaction_packs_its_changes_into_few_rows() {
    let (repo, store) = counted();
    store.take();
    fill(&repo, 1000);
    let counts = store.take();
    // Heads, the kind, the shape and its number, the schema, and rows of the log of 8 KiB each.
    assert_eq!(counts.applies, 1);
    assert!(counts.keys_written <= 1000 + 4 + 10, "{counts:?}");
}

#[test]
fn new_objects_in_order_are_not_looked_for_one_by_one() {
    let (repo, store) = counted();
    fill(&repo, 10);
    store.take();
    repo.transaction(|transaction| {
        (100..1_100).try_for_each(|name| transaction.put(format!("{name:06}").as_str(), person(1)).map(drop))
    })
    .unwrap();
    let counts = store.take();
    assert!(counts.gets + counts.pairs_scanned < 20, "{counts:?}");
}
