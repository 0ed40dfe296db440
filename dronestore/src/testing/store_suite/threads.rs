//! Many threads at once: between a check and its writes nobody else writes, and nobody sees half a batch.

use super::must;
use crate::store::{Expectation, Store, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const THREADS: u64 = 4;
const INCREMENTS: u64 = 25;

pub(super) fn check(make: &mut dyn FnMut() -> Arc<dyn Store>) {
    let store = make();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        if store.capabilities().atomic_batches {
            scope.spawn(|| watch(&*store, &done));
        }
        let writers: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| count_up(&*store))).collect();
        let outcomes: Vec<_> = writers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Release);
        for outcome in outcomes {
            outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
    let total = read(&*store, b"count");
    let expected = THREADS * INCREMENTS;
    let law = "increments with compare-and-set are all counted";
    assert!(total == expected, "law `{law}`: {total} of {expected}");
}

fn read(store: &dyn Store, key: &[u8]) -> u64 {
    let snapshot = must("a snapshot can be taken", store.snapshot());
    let value = must("a key can be read", snapshot.get(key));
    value.map_or(0, |bytes| bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

fn count_up(store: &dyn Store) {
    let twice = store.capabilities().atomic_batches;
    for _ in 0..INCREMENTS {
        loop {
            let count = read(store, b"count");
            let (old, new) = (count.to_be_bytes(), (count + 1).to_be_bytes());
            let expectation = Expectation { key: b"count", value: (count > 0).then_some(&old) };
            let writes = [Write::put(b"count", &new), Write::put(b"twin", &new)];
            match store.apply(&[expectation], &writes[..if twice { 2 } else { 1 }]) {
                Ok(()) => break,
                Err(error) if error.is_conflict() => {}
                failed => must("a writer among others is applied or meets a conflict", failed),
            }
        }
    }
}

fn watch(store: &dyn Store, done: &AtomicBool) {
    let law = "nobody sees half a batch";
    while !done.load(Ordering::Acquire) {
        let snapshot = must(law, store.snapshot());
        let (count, twin) = (must(law, snapshot.get(b"count")), must(law, snapshot.get(b"twin")));
        assert!(count == twin, "law `{law}`: one key has {count:?}, the other {twin:?}");
        thread::yield_now();
    }
}
