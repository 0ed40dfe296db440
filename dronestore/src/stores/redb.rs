//! One file on disk, by redb: the default store.

mod bulk;
mod commit;
mod create;
mod fault;
mod journal;
mod lazy;
mod open;
mod options;
mod read;
mod recent;
mod witness;

use self::open::OpenFile;
pub use self::options::RedbOptions;
use self::read::RedbSnapshot;

use crate::Result;
use crate::store::{Capabilities, Compacted, Expectation, Snapshot, Store, Witness, Write, check_limits};
use ::redb::{Table, TableDefinition};
use std::path::Path;
use std::sync::Arc;

/// The table of all pairs.
const TABLE: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("dronestore");
type Slice = &'static [u8];
type Pairs<'t> = Table<'t, Slice, Slice>;

/// A store in one file: atomic, durable, safe against kill and power loss, one process at a time.
///
/// A small batch is one sync of a journal in the file (about as long as the disk takes for it); one of more than 128 KiB, and
/// about every two hundredth, is a redb transaction with two. What the journal alone holds is kept in memory, up to a megabyte;
/// opening after a kill reads it again: some milliseconds, however much there is. Clones share one open file; the file is closed
/// when the last clone and the last snapshot and cursor are gone.
///
/// A panic inside redb over damaged bytes is caught and becomes an error (where the program is built with `panic = "unwind"`,
/// the default); the panic hook will have printed it.
///
/// ```
/// use dronestore::store::{Store, Write};
/// use dronestore::stores::RedbStore;
///
/// # let folder = std::env::temp_dir().join(format!("dronestore-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # let path = folder.join("people.drone");
/// # let _ = std::fs::remove_file(&path);
/// let store = RedbStore::open_or_create(&path)?;
/// store.apply(&[], &[Write::put(b"key", b"value")])?;
/// drop(store);
///
/// let store = RedbStore::open(&path)?;
/// assert_eq!(store.snapshot()?.get(b"key")?.as_deref(), Some(&b"value"[..]));
/// # drop(store);
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), dronestore::Error>(())
/// ```
#[derive(Clone)]
pub struct RedbStore {
    open: Arc<OpenFile>,
}

impl RedbStore {
    fn new(open: OpenFile) -> Self {
        RedbStore { open: Arc::new(open) }
    }

    /// Opens a file that exists, with the [default options](RedbOptions::new).
    ///
    /// # Errors
    /// - [`NotFound`](crate::ErrorKind::NotFound): there is none.
    /// - [`Busy`](crate::ErrorKind::Busy): it is open already, here or in another process.
    /// - [`Corrupt`](crate::ErrorKind::Corrupt): it is damaged, or no store at all; [`Mismatch`](crate::ErrorKind::Mismatch): it is another
    ///   program's.
    /// - [`Store`](crate::ErrorKind::Store): it cannot be read and written, or is no file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        RedbOptions::new().open(path)
    }

    /// Gives the space back that a file does not need any more; what it holds stays.
    ///
    /// # Errors
    /// As [`RedbStore::open`]: nobody may have it open. One that is open compacts by [`Store::compact`].
    ///
    /// Cost: at most as much as writing the file anew.
    pub fn compact(path: impl AsRef<Path>) -> Result<()> {
        OpenFile::open(path.as_ref(), &RedbOptions::new())?.compact().map(drop)
    }

    /// Creates a file that does not exist yet. It appears under its name at once and whole, or not at all.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) if something has that name; [`NotFound`](crate::ErrorKind::NotFound) if the folder does not
    /// exist; [`Store`](crate::ErrorKind::Store) if it cannot be written.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        RedbOptions::new().create(path)
    }

    /// Opens the file, and creates it first where it does not exist. Of several who do so at once one creates it.
    ///
    /// # Errors
    /// Those of [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(path: impl AsRef<Path>) -> Result<Self> {
        RedbOptions::new().open_or_create(path)
    }
}

impl Store for RedbStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        Ok(Box::new(RedbSnapshot::take(self.open.clone())?))
    }

    fn apply(&self, expectations: &[Expectation<'_>], writes: &[Write<'_>]) -> Result<()> {
        check_limits(expectations, writes)?;
        if writes.is_empty() {
            return self.check(expectations);
        }
        self.open.apply(expectations, writes)
    }

    fn witness(&self) -> Option<&dyn Witness> {
        Some(&self.open.witness)
    }

    fn describe(&self) -> String {
        self.open.watch.name().to_owned()
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.open.path)
    }

    fn size(&self) -> Result<Option<u64>> {
        self.open.size().map(Some)
    }

    fn compact(&self) -> Result<Compacted> {
        self.open.compact()
    }
}

impl RedbStore {
    /// Without writes there is nothing to make durable, and so no reason to wait for the writer or the disk.
    fn check(&self, expectations: &[Expectation<'_>]) -> Result<()> {
        let snapshot = self.snapshot()?;
        expectations
            .iter()
            .try_for_each(|expectation| expectation.check(snapshot.get(expectation.key)?.as_deref()))
    }
}

impl std::fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RedbStore").field(&self.open.watch.name()).finish()
    }
}
