//! MemoryStore.

use dronestore::store::{Store, Write};
use dronestore::stores::MemoryStore;
use std::sync::Arc;

#[test]
fn passes_the_suite() {
    dronestore::testing::check_store(|| Arc::new(MemoryStore::new()));
}

#[test]
fn clones_share_one_content() {
    let store = MemoryStore::new();
    store.clone().apply(&[], &[Write::put(b"key", b"value")]).unwrap();
    assert_eq!(store.snapshot().unwrap().get(b"key").unwrap().as_deref(), Some(&b"value"[..]));
    assert_eq!(store.capabilities().to_string(), "atomic batches, ordered scan, compare-and-set");
    assert!(store.witness().is_none());
}
