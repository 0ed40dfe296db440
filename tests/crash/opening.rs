//! Opening asks for as much of a large repo as of a small one.

use super::Note;
use crate::random::from_env;
use dronestore::stores::MemoryStore;
use dronestore::testing::{CountingStore, Counts};
use dronestore::{Drone, Repo};
use std::sync::Arc;

/// What opening a repo of so many objects, each saved so many times, asks of its store.
fn opening(objects: u64, saves: u64) -> Counts {
    let store = MemoryStore::new();
    let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    for save in 0..saves {
        repo.transaction(|transaction| {
            (0..objects).try_for_each(|name| {
                let mut note = Note::named(&name.to_string())?;
                note.text = save.to_string();
                transaction.save(note).map(drop)
            })
        })
        .unwrap();
    }
    drop(repo);
    let counting = CountingStore::new(store);
    let repo = Repo::builder().store(Arc::new(counting.clone())).open().unwrap();
    let counts = counting.take();
    assert_eq!(repo.len(), objects);
    counts
}

#[test]
fn opening_reads_a_constant_number_of_rows() {
    let large = from_env("DRONESTORE_OBJECTS", 20_000);
    let (small, large, old) = (opening(1, 1), opening(large, 1), opening(1, 5000));
    for counts in [large, old] {
        assert_eq!((counts.gets, counts.scans), (small.gets, small.scans));
        assert!(counts.pairs_scanned <= small.pairs_scanned + 1, "{counts:?}");
        // The last row of the log may be full, the first too; a row is ended at 8 KiB.
        assert!(counts.bytes_read < small.bytes_read + 3 * 8192, "{counts:?}");
        assert_eq!(counts.keys_written, 0);
    }
}
