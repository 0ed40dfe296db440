//! The open file: checked when opened, closed with care.

use super::commit::Journaling;
use super::fault::{self, Watch};
use super::journal::Layout;
use super::lazy::LazyFile;
use super::recent::Shown;
use super::witness::FileWitness;
use super::{Pairs, RedbOptions, TABLE, create};
use crate::store::Compacted;
use crate::{Error, ErrorKind, Result};
use ::redb::backends::FileBackend;
use ::redb::{CompactionError, Database, ReadableDatabase, StorageBackend, WriteTransaction};
use std::fs::{File, OpenOptions};
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

/// The open file, shared by all clones, snapshots and cursors.
pub(super) struct OpenFile {
    /// Always there; an option so that dropping can take it out. Alone with it is only who compacts.
    database: RwLock<Option<Database>>,
    pub(super) path: PathBuf,
    pub(super) watch: Watch,
    pub(super) witness: FileWitness,
    pub(super) file: LazyFile,
    pub(super) shown: Mutex<Shown>,
    /// Who writes holds it. Of the locks, the database's is taken first and what is shown last.
    pub(super) journal: Mutex<Journaling>,
    /// Whether a batch came as far as its commit.
    pub(super) written: AtomicBool,
    /// The file, while its name in its folder may not be durable.
    unsynced: Mutex<Option<PathBuf>>,
}

impl OpenFile {
    pub(super) fn open(path: &Path, options: &RedbOptions) -> Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path);
        let file = file.map_err(|error| fault::open_failed(path, error))?;
        refuse_others(&file, path)?;
        let mut open = Self::from_file(file, path, options)?;
        open.find_table()?;
        // Whoever created the file may have been killed before its name was durable.
        open.unsynced = Mutex::new(Some(path.to_path_buf()));
        Ok(open)
    }

    pub(super) fn from_file(file: File, path: &Path, options: &RedbOptions) -> Result<Self> {
        let watch = Watch::new(path);
        let witness = FileWitness::new(&file, path)?;
        let file = FileBackend::new(file).map_err(|error| watch.error(error))?;
        Self::from_disk(Box::new(file), witness, path, options)
    }

    /// The file is what this disk has.
    pub(super) fn from_disk(
        disk: Box<dyn StorageBackend>,
        witness: FileWitness,
        path: &Path,
        options: &RedbOptions,
    ) -> Result<Self> {
        let watch = Watch::new(path);
        let repaired = Arc::new(AtomicBool::new(false));
        let (database, file, layout) = watch.guarded(|| {
            let layout = match disk.len() {
                Ok(0) => Layout::create(&*disk).map(Some),
                Ok(_) => Layout::read(&*disk),
                Err(error) => Err(error),
            };
            let layout = layout.map_err(|error| watch.unreadable(error))?;
            let file = LazyFile::new(disk, layout.map_or(0, Layout::start));
            let (mut builder, repaired) = (options.builder(), repaired.clone());
            builder.set_repair_callback(move |_| repaired.store(true, Ordering::Relaxed));
            let database = builder.create_with_backend(file.clone());
            Ok((database.map_err(|error| watch.error(error))?, file, layout))
        })?;
        let mut open = OpenFile {
            database: RwLock::new(Some(database)),
            path: path.to_path_buf(),
            watch,
            witness,
            file,
            shown: Mutex::default(),
            journal: Mutex::default(),
            written: AtomicBool::new(false),
            unsynced: Mutex::new(None),
        };
        open.journaling().is_due = repaired.load(Ordering::Relaxed);
        if options.verify {
            open.verify()?;
        }
        if let Some(layout) = layout {
            open.recover(layout)?;
        }
        Ok(open)
    }

    pub(super) fn table<'t>(&self, transaction: &'t WriteTransaction) -> Result<Pairs<'t>> {
        transaction.open_table(TABLE).map_err(|error| self.watch.error(error))
    }

    pub(super) fn failed(&self, error: io::Error) -> Error {
        self.watch.error(::redb::StorageError::Io(error))
    }

    fn verify(&mut self) -> Result<()> {
        let (Some(database), watch) =
            (self.database.get_mut().unwrap_or_else(PoisonError::into_inner), &self.watch)
        else {
            return Err(self.watch.closed());
        };
        let sound = watch.guarded(|| database.check_integrity().map_err(|error| watch.error(error)));
        if sound? { Ok(()) } else { Err(watch.damaged()) }
    }

    /// Moves what there is to the front of the file and cuts off what is free behind it.
    pub(super) fn compact(&self) -> Result<Compacted> {
        // Nobody begins to read or write from here on.
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        let (Some(database), watch) = (&mut *database, &self.watch) else {
            return Err(self.watch.closed());
        };
        if self.journaling().failed {
            // What redb has made of the batch is not known, and what is recent was recent over what it had before.
            return Err(watch.error(::redb::StorageError::PreviousIo));
        }
        self.file.release().map_err(|error| self.failed(error))?;
        let before = self.size()?;
        self.written.store(true, Ordering::Relaxed);
        watch.guarded(|| self.settle(database))?;
        self.journaling().is_due = true;
        self.shown_now().table = None;
        watch.guarded(|| {
            database.compact().map(drop).map_err(|error| match error {
                CompactionError::TransactionInProgress => watch.in_use(),
                error => watch.error(error),
            })
        })?;
        Ok(Compacted { before, after: self.size()? })
    }

    /// How long the file is.
    pub(super) fn size(&self) -> Result<u64> {
        self.file.whole().len().map_err(|error| self.failed(error))
    }

    /// Redb files of other programs have no table of that name and type.
    fn find_table(&self) -> Result<()> {
        self.watch.guarded(|| {
            let transaction = self.database().get()?.begin_read().map_err(|error| self.watch.error(error))?;
            transaction.open_table(TABLE).map(drop).map_err(|error| self.watch.error(error))
        })
    }

    /// What is begun with the database may outlive this.
    pub(super) fn database(&self) -> Shared<'_> {
        Shared(self.database.read().unwrap_or_else(PoisonError::into_inner), &self.watch)
    }

    /// Makes the file's name durable, if that is not known of it.
    pub(super) fn sync_name(&self) -> Result<()> {
        let mut unsynced = self.unsynced.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = &*unsynced {
            create::sync_folder(path)?;
            *unsynced = None;
        }
        Ok(())
    }
}

/// The database, while nobody compacts it.
pub(super) struct Shared<'o>(RwLockReadGuard<'o, Option<Database>>, &'o Watch);

impl Shared<'_> {
    pub(super) fn get(&self) -> Result<&Database> {
        self.0.as_ref().ok_or_else(|| self.1.closed())
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.witness.settle();
        if *self.written.get_mut() && !self.watch.saw_damage() {
            // Where this fails, who opens the file next does it.
            let _ = self.watch.guarded(|| self.settle_at_last(self.database().get()?));
        }
        self.shown_now().table = None;
        let database = self.database.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // Redb closes with a commit that trims the file, except while the thread unwinds. Where nothing was written there is
        // nothing to trim, and where damage was seen a write is the last thing to do: there a second panic ends the program.
        let quietly = self.watch.saw_damage() || !*self.written.get_mut();
        let close = || {
            let _closed_at_the_end = database;
            if quietly && cfg!(panic = "unwind") {
                resume_unwind(Box::new("closing without a commit"));
            }
            Ok(())
        };
        // There is nobody to tell of a failure, and nothing acknowledged hangs on it.
        let _ = self.watch.guarded(close);
    }
}

/// Redb would make a store out of an empty file, and wait for bytes from a pipe.
fn refuse_others(file: &File, path: &Path) -> Result<()> {
    let name = fault::name(path);
    let metadata = file.metadata().map_err(|error| {
        Error::new(ErrorKind::Store, format!("{name} cannot be looked at")).with_source(error)
    })?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "a folder" } else { "not a plain file" };
        let source = io::Error::from(io::ErrorKind::InvalidInput);
        return Err(
            Error::new(ErrorKind::Store, format!("{name} is {what}; name a file")).with_source(source)
        );
    }
    if metadata.len() == 0 {
        return Err(Error::corrupt(format!("{name} is empty, not a store; remove it to create one there")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, Write};
    use crate::stores::RedbStore;
    use ::redb::backends::InMemoryBackend;

    /// A disk that fails every write and sync from the moment it is told to.
    #[derive(Debug, Clone, Default)]
    struct Disk(Arc<InMemoryBackend>, Arc<AtomicBool>);

    impl Disk {
        fn working(&self) -> io::Result<()> {
            let broken = self.1.load(Ordering::SeqCst);
            if broken { Err(io::Error::other("the disk is gone")) } else { Ok(()) }
        }
    }

    impl StorageBackend for Disk {
        fn len(&self) -> io::Result<u64> {
            self.0.len()
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            self.0.read(offset, out)
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.working()?;
            self.0.set_len(len)
        }

        fn sync_data(&self) -> io::Result<()> {
            self.working()?;
            self.0.sync_data()
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.working()?;
            self.0.write(offset, data)
        }
    }

    #[test]
    fn a_commit_that_fails_is_unknown_and_later_writes_are_refused() {
        let disk = Disk::default();
        let path = std::env::temp_dir().join(format!("dronestore-unit-{}", std::process::id()));
        let file = File::create(&path).unwrap();
        let witness = FileWitness::new(&file, &path).unwrap();
        let name = Path::new("people.drone");
        let open = OpenFile::from_disk(Box::new(disk.clone()), witness, name, &RedbOptions::new());
        let open = open.unwrap();
        open.commit_all().unwrap();
        let store = RedbStore::new(open);
        let put = |key: &[u8]| store.apply(&[], &[Write::put(key, b"value")]);
        put(b"before").unwrap();

        disk.1.store(true, Ordering::SeqCst);
        let error = put(b"during").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unknown, "{error:?}");
        let chain: Vec<String> =
            std::iter::successors(std::error::Error::source(&error), |error| error.source())
                .map(ToString::to_string)
                .collect();
        assert!(chain.iter().any(|cause| cause.contains("the disk is gone")), "{chain:?}");

        let error = put(b"after").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store, "{error:?}");
        assert!(error.to_string().contains("close it and open it again"), "{error}");
        let snapshot = store.snapshot().unwrap();
        assert!(snapshot.get(b"before").unwrap().is_some() && snapshot.get(b"after").unwrap().is_none());
        let error = store.compact().unwrap_err();
        assert!(error.to_string().contains("close it and open it again"), "{error}");
        std::fs::remove_file(path).unwrap();
    }
}
