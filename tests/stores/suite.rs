//! The suite finds stores that break a law, and names it.

use dronestore::Result;
use dronestore::store::{Capabilities, Expectation, Snapshot, Store, Write, check_limits};
use dronestore::stores::MemoryStore;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

type Apply = fn(&MemoryStore, &[Expectation<'_>], &[Write<'_>]) -> Result<()>;

/// A store in memory whose batches go wrong.
struct Broken(MemoryStore, Apply);

impl Store for Broken {
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        self.0.snapshot()
    }

    fn apply(&self, expectations: &[Expectation<'_>], writes: &[Write<'_>]) -> Result<()> {
        (self.1)(&self.0, expectations, writes)
    }

    fn describe(&self) -> String {
        "a broken store".into()
    }
}

fn check(law: &str, apply: Apply) {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        dronestore::testing::check_store(|| Arc::new(Broken(MemoryStore::new(), apply)));
    }));
    let panic = outcome.expect_err(law);
    let text = panic.downcast_ref::<String>().map_or("", String::as_str);
    assert!(text.contains(law), "expected `{law}`, found: {text}");
}

#[test]
fn broken_laws_are_named() {
    check("expecting absent where it is there", |store, expectations, writes| {
        check_limits(expectations, writes)?;
        store.apply(&[], writes)
    });
    check("expecting", |store, expectations, writes| {
        check_limits(expectations, writes)?;
        store.apply(&[], writes)?;
        store.apply(expectations, &[])
    });
    check("what was put is there", |_, _, _| Ok(()));
}

#[test]
fn broken_batches_are_found() {
    check("of several writes of one key the last wins", |store, expectations, writes| {
        let reversed: Vec<Write<'_>> = writes.iter().rev().copied().collect();
        store.apply(expectations, &reversed)
    });
    check("nothing of the batch is written", |store, expectations, writes| {
        store.apply(expectations, &[])?;
        writes.iter().try_for_each(|write| store.apply(&[], &[*write]))
    });
    // The check and the writes are two steps, and others write in between.
    check("increments with compare-and-set are all counted", |store, expectations, writes| {
        check_limits(expectations, writes)?;
        store.apply(expectations, &[])?;
        (0..20).for_each(|_| std::thread::yield_now());
        store.apply(&[], writes)
    });
}
