//! A store that counts what is asked of it.

use crate::Result;
use crate::store::{
    Bytes, Capabilities, Compacted, Cursor, Direction, Expectation, Range, Snapshot, Store, Witness, Write,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What was asked of a store so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counts {
    /// Snapshots taken.
    pub snapshots: u64,
    /// Keys read.
    pub gets: u64,
    /// Scans begun.
    pub scans: u64,
    /// Pairs that cursors stood on.
    pub pairs_scanned: u64,
    /// Bytes of values read, and of keys and values scanned.
    pub bytes_read: u64,
    /// Batches given to the store, those that failed too.
    pub applies: u64,
    /// Expectations in them.
    pub expectations: u64,
    /// Writes in batches that went well, deletions too.
    pub keys_written: u64,
    /// Bytes of keys and values in batches that went well.
    pub bytes_written: u64,
}

#[derive(Default)]
struct Counters {
    snapshots: AtomicU64,
    gets: AtomicU64,
    scans: AtomicU64,
    pairs_scanned: AtomicU64,
    bytes_read: AtomicU64,
    applies: AtomicU64,
    expectations: AtomicU64,
    keys_written: AtomicU64,
    bytes_written: AtomicU64,
}

/// A store that counts what is asked of it and otherwise is the one inside; clones count together.
///
/// ```
/// use dronestore::store::{Store, Write};
/// use dronestore::stores::MemoryStore;
/// use dronestore::testing::CountingStore;
///
/// let store = CountingStore::new(MemoryStore::new());
/// store.apply(&[], &[Write::put(b"key", b"value")])?;
/// assert_eq!(store.take().bytes_written, 8);
/// assert_eq!(store.counts().bytes_written, 0);
/// # Ok::<(), dronestore::Error>(())
/// ```
#[derive(Clone)]
pub struct CountingStore {
    inner: Arc<dyn Store>,
    counters: Arc<Counters>,
}

impl CountingStore {
    /// Counts what is asked of this store, from zero.
    pub fn new(inner: impl Store) -> Self {
        CountingStore { inner: Arc::new(inner), counters: Arc::default() }
    }

    /// What was asked so far.
    pub fn counts(&self) -> Counts {
        self.counters.read(|counter| counter.load(Ordering::Relaxed))
    }

    /// What was asked so far, and starts again from zero.
    pub fn take(&self) -> Counts {
        self.counters.read(|counter| counter.swap(0, Ordering::Relaxed))
    }
}

impl Counters {
    fn read(&self, read: impl Fn(&AtomicU64) -> u64) -> Counts {
        Counts {
            snapshots: read(&self.snapshots),
            gets: read(&self.gets),
            scans: read(&self.scans),
            pairs_scanned: read(&self.pairs_scanned),
            bytes_read: read(&self.bytes_read),
            applies: read(&self.applies),
            expectations: read(&self.expectations),
            keys_written: read(&self.keys_written),
            bytes_written: read(&self.bytes_written),
        }
    }
}

fn add(counter: &AtomicU64, count: usize) {
    counter.fetch_add(count as u64, Ordering::Relaxed);
}

impl Store for CountingStore {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        add(&self.counters.snapshots, 1);
        Ok(Box::new(Counted { inner: self.inner.snapshot()?, counters: self.counters.clone() }))
    }

    fn apply(&self, expectations: &[Expectation<'_>], writes: &[Write<'_>]) -> Result<()> {
        add(&self.counters.applies, 1);
        add(&self.counters.expectations, expectations.len());
        self.inner.apply(expectations, writes)?;
        let bytes = writes.iter().map(|write| write.key.len() + write.value.map_or(0, <[u8]>::len)).sum();
        add(&self.counters.keys_written, writes.len());
        add(&self.counters.bytes_written, bytes);
        Ok(())
    }

    fn witness(&self) -> Option<&dyn Witness> {
        self.inner.witness()
    }

    fn describe(&self) -> String {
        self.inner.describe()
    }

    fn size(&self) -> Result<Option<u64>> {
        self.inner.size()
    }

    fn compact(&self) -> Result<Compacted> {
        self.inner.compact()
    }
}

struct Counted<T: ?Sized> {
    counters: Arc<Counters>,
    inner: Box<T>,
}

impl Snapshot for Counted<dyn Snapshot> {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        add(&self.counters.gets, 1);
        let value = self.inner.get(key)?;
        add(&self.counters.bytes_read, value.as_ref().map_or(0, |value| value.len()));
        Ok(value)
    }

    fn scan(&self, range: Range<'_>, direction: Direction) -> Result<Box<dyn Cursor>> {
        add(&self.counters.scans, 1);
        Ok(Box::new(Counted { inner: self.inner.scan(range, direction)?, counters: self.counters.clone() }))
    }
}

impl Cursor for Counted<dyn Cursor> {
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        let pair = self.inner.next()?;
        if let Some((key, value)) = pair {
            add(&self.counters.pairs_scanned, 1);
            add(&self.counters.bytes_read, key.len() + value.len());
        }
        Ok(pair)
    }
}
