//! A file that is not written before the first batch.

use ::redb::{BackendError, StorageBackend};
use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Redb notes in the header, with one or two syncs, that the file is open: after a kill the next one who opens it then looks
/// after what a batch may have left half done. Before the first batch there is nothing to look after. So the header is held
/// back in memory until then, the file stays as it was found, and opening and closing it to read costs no sync. Nobody else
/// sees the file meanwhile: it is locked.
#[derive(Debug, Clone)]
pub(super) struct LazyFile(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: Box<dyn StorageBackend>,
    /// Where redb's bytes begin in it.
    start: u64,
    /// Whether the header is held back; never again once it was written.
    holding: AtomicBool,
    held: Mutex<Held>,
}

/// What redb has asked for and the file has not seen.
#[derive(Debug, Default)]
struct Held {
    header: Vec<u8>,
    synced: bool,
}

/// Redb's header has 320 bytes, pages at least 512: what begins at 0 and is no longer than this is the header.
const HEADER_BYTES: usize = 511;

impl LazyFile {
    /// The part of a file from here on.
    pub(super) fn new(file: Box<dyn StorageBackend>, start: u64) -> Self {
        let (holding, held) = (AtomicBool::new(true), Mutex::default());
        LazyFile(Arc::new(Inner { file, start, holding, held }))
    }

    /// The whole file.
    pub(super) fn whole(&self) -> &dyn StorageBackend {
        &*self.0.file
    }

    /// Lets the file have what was held back; whoever is about to write calls it first.
    pub(super) fn release(&self) -> io::Result<()> {
        let Some(mut held) = self.holding() else { return Ok(()) };
        if !held.header.is_empty() {
            self.0.file.write(self.0.start, &held.header)?;
        }
        if held.synced {
            self.0.file.sync_data()?;
        }
        *held = Held::default();
        self.0.holding.store(false, Ordering::Release);
        Ok(())
    }

    /// The lock under which the header is held back, while it is.
    fn holding(&self) -> Option<MutexGuard<'_, Held>> {
        if !self.0.holding.load(Ordering::Acquire) {
            return None;
        }
        let held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        // It may have been written while this waited for the lock.
        self.0.holding.load(Ordering::Acquire).then_some(held)
    }
}

impl StorageBackend for LazyFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.file.len()?.saturating_sub(self.0.start))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let held = self.holding();
        self.0.file.read(self.0.start + offset, out)?;
        if let Some(held) = held
            && let Some(shown) = usize::try_from(offset).ok().and_then(|start| held.header.get(start..))
        {
            let length = shown.len().min(out.len());
            out[..length].copy_from_slice(&shown[..length]);
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.release()?;
        self.0.file.set_len(self.0.start + len)
    }

    fn sync_data(&self) -> io::Result<()> {
        match self.holding() {
            Some(mut held) => {
                held.synced = true;
                Ok(())
            }
            None => self.0.file.sync_data(),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if offset == 0
            && data.len() <= HEADER_BYTES
            && let Some(mut held) = self.holding()
        {
            let length = held.header.len().max(data.len());
            held.header.resize(length, 0);
            held.header[..data.len()].copy_from_slice(data);
            return Ok(());
        }
        self.release()?;
        self.0.file.write(self.0.start + offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.file.query_lock_range(start, end)
    }
}
