//! How to open the file.

use super::open::OpenFile;
use super::{RedbStore, create};
use crate::Result;
use ::redb::Builder;
use std::path::Path;

/// How to open a [`RedbStore`].
///
/// ```
/// use dronestore::stores::RedbOptions;
///
/// let options = RedbOptions::new().cache_bytes(16 << 20);
/// # let missing = std::env::temp_dir().join("dronestore-doc-missing.drone");
/// assert!(options.open(&missing).unwrap_err().is_not_found());
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct RedbOptions {
    cache_bytes: usize,
    pub(super) verify: bool,
}

impl RedbOptions {
    /// The defaults: a cache of up to 256 MiB, no verification.
    pub fn new() -> Self {
        RedbOptions { cache_bytes: 256 << 20, verify: false }
    }

    /// Whether opening reads the whole file and compares all its checksums first.
    ///
    /// Off by default: it takes as long as reading the file. With it every value read is one that was written (of the last
    /// batch or, where the header was hit, of the one before). It is the way to open a file that may have been damaged: damage
    /// to redb's own bookkeeping otherwise shows only in a later write, and there redb may panic again while it cleans up after
    /// a first panic, which no library can catch and which ends the program.
    pub fn verify(mut self, verify: bool) -> Self {
        self.verify = verify;
        self
    }

    /// The most memory that cached pages may take, and half of it what a batch gathers before it spills to disk.
    pub fn cache_bytes(mut self, cache_bytes: usize) -> Self {
        self.cache_bytes = cache_bytes;
        self
    }

    /// See [`RedbStore::open`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<RedbStore> {
        OpenFile::open(path.as_ref(), self).map(RedbStore::new)
    }

    /// See [`RedbStore::create`].
    pub fn create(&self, path: impl AsRef<Path>) -> Result<RedbStore> {
        create::create(path.as_ref(), self).map(RedbStore::new)
    }

    /// See [`RedbStore::open_or_create`].
    pub fn open_or_create(&self, path: impl AsRef<Path>) -> Result<RedbStore> {
        let path = path.as_ref();
        match self.open(path) {
            Err(error) if error.is_not_found() => {}
            opened => return opened,
        }
        match self.create(path) {
            // Somebody was faster: theirs is the file.
            Err(error) if error.is_conflict() => self.open(path),
            created => created,
        }
    }

    pub(super) fn builder(&self) -> Builder {
        let mut builder = Builder::new();
        builder.set_cache_size(self.cache_bytes);
        builder
    }
}

impl Default for RedbOptions {
    fn default() -> Self {
        Self::new()
    }
}
