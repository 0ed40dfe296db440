//! Everything in memory: for tests, caches and objects that need not outlive the program.

use super::map::MapCursor;
use crate::Result;
use crate::store::{
    Bytes, Capabilities, Compacted, Cursor, Direction, Expectation, Range, Snapshot, Store, Write,
    check_limits,
};
use imbl::OrdMap;
use std::sync::{Arc, PoisonError, RwLock};

type Map = OrdMap<Bytes, Bytes>;

/// A store in memory; clones share one content.
///
/// A snapshot is one reference to a persistent tree, and a write copies only the path that it changes, so readers and writers
/// never wait for each other longer than that takes. Reads and writes cost O(log n), snapshots O(1).
///
/// ```
/// use dronestore::store::{Store, Write};
/// use dronestore::stores::MemoryStore;
///
/// let store = MemoryStore::new();
/// let before = store.snapshot()?;
/// store.apply(&[], &[Write::put(b"key", b"value")])?;
/// assert_eq!(before.get(b"key")?, None);
/// assert_eq!(store.snapshot()?.get(b"key")?.as_deref(), Some(&b"value"[..]));
/// # Ok::<(), dronestore::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore {
    map: Arc<RwLock<Map>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Store for MemoryStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities { durable: false, ..Capabilities::ALL }
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Box::new(MemorySnapshot { map }))
    }

    fn apply(&self, expectations: &[Expectation<'_>], writes: &[Write<'_>]) -> Result<()> {
        check_limits(expectations, writes)?;
        // A poisoned lock means a panic of the map itself; nothing else runs under it and can fail.
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        for expectation in expectations {
            expectation.check(map.get(expectation.key).map(|value| &**value))?;
        }
        for write in writes {
            match write.value {
                Some(value) => map.insert(write.key.into(), value.into()),
                None => map.remove(write.key),
            };
        }
        Ok(())
    }

    fn describe(&self) -> String {
        "a store in memory".into()
    }

    /// Memory is given back as soon as nobody sees it.
    fn compact(&self) -> Result<Compacted> {
        Ok(Compacted::default())
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = self.map.read().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("MemoryStore").field("keys", &keys).finish()
    }
}

struct MemorySnapshot {
    map: Map,
}

impl Snapshot for MemorySnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        Ok(self.map.get(key).cloned())
    }

    fn scan(&self, range: Range<'_>, direction: Direction) -> Result<Box<dyn Cursor>> {
        Ok(Box::new(MemoryCursor { rest: MapCursor::new(&self.map, range, direction), current: None }))
    }
}

struct MemoryCursor {
    rest: MapCursor<Bytes>,
    current: Option<(Bytes, Bytes)>,
}

impl Cursor for MemoryCursor {
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        self.current = self.rest.next();
        Ok(self.current.as_ref().map(|(key, value)| (&**key, &**value)))
    }
}
