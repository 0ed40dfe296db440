//! The laws of a store as one suite that any store can be put through.
#![allow(clippy::panic, reason = "a suite says what is wrong by panicking, as a test does")]

mod basics;
mod batches;
mod history;
mod snapshots;
mod threads;

use crate::store::{Direction, Range, Snapshot, Store, Write};
use crate::{Error, Result};
use std::sync::Arc;

/// Puts a store through all laws of [`store`](crate::store), each in a new empty store from `make`; panics naming the law that
/// is broken.
///
/// Laws that need what the store [says](crate::store::Store::capabilities) it lacks are left out. It writes up to 64 MiB at
/// once, a few hundred in all, and takes seconds.
///
/// ```
/// use dronestore::stores::MemoryStore;
/// use std::sync::Arc;
///
/// dronestore::testing::check_store(|| Arc::new(MemoryStore::new()));
/// ```
///
/// # Panics
/// If a law is broken.
pub fn check_store(mut make: impl FnMut() -> Arc<dyn Store>) {
    let capabilities = make().capabilities();
    basics::check(&mut make);
    snapshots::check(&mut make);
    if capabilities.compare_and_set {
        batches::check_expectations(&mut make);
        threads::check(&mut make);
    }
    if capabilities.atomic_batches {
        batches::check_atomicity(&mut make);
    }
    if capabilities.ordered_scan {
        for seed in 1..=8 {
            history::check(make(), seed);
        }
    }
}

/// Puts a store that outlives its handle through the laws of durability; panics naming the law that is broken.
///
/// `open` opens one and the same place again and again, empty at first; all handles are dropped before it is called again.
/// Pulling the plug is left to other tests.
///
/// # Panics
/// If a law is broken, or `open` fails.
pub fn check_durable_store(mut open: impl FnMut() -> Result<Arc<dyn Store>>) {
    let mut open = || must("a store opens again", open());
    let store = open();
    assert!(store.capabilities().durable, "law `durable`: the store does not claim to be durable");
    must("durable", store.apply(&[], &[Write::put(b"kept", b"value"), Write::put(b"gone", b"value")]));
    must("durable", store.apply(&[], &[Write::delete(b"gone")]));
    drop(store);

    let store = open();
    let snapshot = must("durable", store.snapshot());
    expect("durable: what was written is there after opening again", &*snapshot, b"kept", Some(b"value"));
    expect("durable: what was deleted stays deleted", &*snapshot, b"gone", None);
    drop(store);
    expect("a snapshot outlives the store's last handle", &*snapshot, b"kept", Some(b"value"));
    drop(snapshot);

    must("durable", open().apply(&[], &[Write::delete(b"kept")]));
    history::check_reopened(&mut open, 99);
}

/// The value, or a panic that names the law under which there should be one.
#[track_caller]
fn must<T>(law: &str, result: Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("law `{law}`: failed with {error:?}"))
}

/// The error, or a panic that names the law under which there should be one.
#[track_caller]
fn must_fail<T>(law: &str, result: Result<T>) -> Error {
    match result {
        Ok(_) => panic!("law `{law}`: the call went well and should have failed"),
        Err(error) => error,
    }
}

#[track_caller]
fn expect(law: &str, snapshot: &dyn Snapshot, key: &[u8], value: Option<&[u8]>) {
    let found = must(law, snapshot.get(key));
    assert!(
        found.as_deref() == value,
        "law `{law}`: key {} has {}, should have {}",
        show(key),
        found.as_deref().map_or("nothing".into(), show),
        value.map_or("nothing".into(), show)
    );
}

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// All that a scan gives.
#[track_caller]
fn scan(snapshot: &dyn Snapshot, range: Range<'_>, direction: Direction) -> Pairs {
    let mut cursor = must("a range can be scanned", snapshot.scan(range, direction));
    let mut pairs = Vec::new();
    while let Some((key, value)) = must("a scan goes to its end", cursor.next()) {
        pairs.push((key.to_vec(), value.to_vec()));
    }
    let after = must("a scan goes to its end", cursor.next());
    assert!(after.is_none(), "law `a cursor at its end stays there`: it gave another pair");
    pairs
}

/// Short bytes as text, long ones by length.
fn show(bytes: &[u8]) -> String {
    if bytes.len() <= 64 { format!("`{}`", bytes.escape_ascii()) } else { format!("{} bytes", bytes.len()) }
}
