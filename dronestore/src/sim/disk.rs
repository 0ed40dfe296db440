//! The disk of a replica: what is durable, and what tells beside it that content was copied or put back.

use crate::Result;
use crate::store::{Capabilities, Compacted, Direction, Expectation, Range, Snapshot, Store, Witness, Write};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All that a store holds.
pub(super) type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// The notes beside the content: the last, and the one before it.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    last: Option<Vec<u8>>,
    former: Option<Vec<u8>>,
}

/// A store whose content can be taken out and put back; clones are one disk.
#[derive(Clone)]
pub(super) struct Disk {
    inner: Arc<Inner>,
}

struct Inner {
    place: Vec<u8>,
    content: Mutex<Arc<dyn Store>>,
    marks: Mutex<Marks>,
}

impl Disk {
    pub(super) fn new(number: usize, content: Arc<dyn Store>) -> Disk {
        let place = format!("disk {number}").into_bytes();
        Disk { inner: Arc::new(Inner { place, content: Mutex::new(content), marks: Mutex::default() }) }
    }

    fn content(&self) -> Arc<dyn Store> {
        lock(&self.inner.content).clone()
    }

    pub(super) fn pairs(&self) -> Result<Pairs> {
        let mut pairs = Pairs::new();
        let mut cursor = self.content().snapshot()?.scan(Range::ALL, Direction::Forward)?;
        while let Some((key, value)) = cursor.next()? {
            pairs.push((key.to_vec(), value.to_vec()));
        }
        Ok(pairs)
    }

    /// Puts other content in place; what stands beside it stays.
    pub(super) fn replace(&self, content: Arc<dyn Store>, pairs: &Pairs) -> Result<()> {
        let writes: Vec<Write<'_>> = pairs.iter().map(|(key, value)| Write::put(key, value)).collect();
        content.apply(&[], &writes)?;
        *lock(&self.inner.content) = content;
        Ok(())
    }

    pub(super) fn marks(&self) -> Marks {
        lock(&self.inner.marks).clone()
    }

    pub(super) fn set_marks(&self, marks: Marks) {
        *lock(&self.inner.marks) = marks;
    }

    /// The last note did not come to the disk.
    pub(super) fn forget_mark(&self) {
        let mut marks = lock(&self.inner.marks);
        marks.last = marks.former.take();
    }
}

impl Store for Disk {
    fn capabilities(&self) -> Capabilities {
        self.content().capabilities()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        self.content().snapshot()
    }

    fn apply(&self, expectations: &[Expectation<'_>], writes: &[Write<'_>]) -> Result<()> {
        self.content().apply(expectations, writes)
    }

    fn witness(&self) -> Option<&dyn Witness> {
        Some(self)
    }

    fn describe(&self) -> String {
        String::from_utf8_lossy(&self.inner.place).into_owned()
    }

    fn compact(&self) -> Result<Compacted> {
        self.content().compact()
    }
}

impl Witness for Disk {
    fn place(&self) -> Result<Option<Vec<u8>>> {
        Ok(Some(self.inner.place.clone()))
    }

    fn mark(&self) -> Result<Option<Vec<u8>>> {
        Ok(lock(&self.inner.marks).last.clone())
    }

    fn set_mark(&self, mark: &[u8]) -> Result<()> {
        let mut marks = lock(&self.inner.marks);
        marks.former = marks.last.replace(mark.to_vec());
        Ok(())
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Disk").field(&self.describe()).finish()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
