//! What redb's failures mean to us, panics included.

use crate::{Error, ErrorKind, Result};
use std::any::Any;
use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// The path as messages show it.
pub(super) fn name(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// Watches over the calls into redb for one open file: makes errors of its failures and remembers damage.
pub(super) struct Watch {
    name: String,
    damage: AtomicBool,
}

impl Watch {
    pub(super) fn new(path: &Path) -> Self {
        Watch { name: name(path), damage: AtomicBool::new(false) }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether any call has met damaged bytes.
    pub(super) fn saw_damage(&self) -> bool {
        self.damage.load(Ordering::Relaxed)
    }

    /// Runs a call into redb and turns a panic into an error.
    ///
    /// Redb compares the checksums of its pages only when it repairs or verifies. A damaged page is otherwise believed, and
    /// slicing by its offsets, or an unknown page type, panics; the damage of one file must not take the program down. State
    /// behind a panicked call is safe to meet again: redb poisons its locks and its transaction, and later calls fail in turn.
    #[inline]
    pub(super) fn guarded<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(self.panicked(&*panic)))
    }

    /// The same of work that also calls what is not redb: a panic while `is_theirs` is not the file's, and goes on.
    #[inline]
    pub(super) fn guarded_unless<T>(
        &self,
        is_theirs: &Cell<bool>,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| match is_theirs.get() {
            true => resume_unwind(panic),
            false => Err(self.panicked(&*panic)),
        })
    }

    #[cold]
    fn panicked(&self, panic: &(dyn Any + Send)) -> Error {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("without a message");
        self.damaged().with_source(format!("redb panicked: {text}"))
    }

    #[cold]
    pub(super) fn damaged(&self) -> Error {
        self.damage.store(true, Ordering::Relaxed);
        Error::corrupt(format!(
            "{} is damaged or not a store; restore it from a backup or another replica",
            self.name
        ))
    }

    /// The error of a file whose first bytes do not tell how to read it.
    #[cold]
    pub(super) fn unreadable(&self, error: io::Error) -> Error {
        if error.kind() == io::ErrorKind::Unsupported {
            let what = "is of a later version of dronestore; open it with that one";
            return self.failed(ErrorKind::Unsupported, what).with_source(error);
        }
        self.error(::redb::StorageError::Io(error))
    }

    #[cold]
    pub(super) fn closed(&self) -> Error {
        self.failed(ErrorKind::Store, "is closed; open it again")
    }

    /// Somebody reads or writes, who has to be done first.
    #[cold]
    pub(super) fn in_use(&self) -> Error {
        self.failed(
            ErrorKind::Busy,
            "is being read or written; let go of views, iterators and results that are open and try again",
        )
    }

    fn failed(&self, kind: ErrorKind, what: &str) -> Error {
        Error::new(kind, format!("{} {what}", self.name))
    }

    /// The error for a failure that redb reports.
    #[cold]
    pub(super) fn error(&self, error: impl Into<::redb::Error>) -> Error {
        use ::redb::Error as E;
        let error = error.into();
        let (kind, what) = match &error {
            E::Corrupted(_) => return self.damaged().with_source(error),
            E::Io(cause) => return self.io_failed(cause.kind()).with_source(error),
            E::DatabaseAlreadyOpen => (
                ErrorKind::Busy,
                "is open already, here or in another process; close it there or share one handle",
            ),
            E::UpgradeRequired(_) => {
                (ErrorKind::Unsupported, "is of an older redb format; open it with redb 2 first")
            }
            E::ValueTooLarge(_) => (ErrorKind::Unsupported, "cannot hold so large a value"),
            E::TableDoesNotExist(_) | E::TableTypeMismatch { .. } | E::TableIsMultimap(_) => {
                (ErrorKind::Mismatch, "is a redb file of another program; choose another name")
            }
            E::PreviousIo => {
                (ErrorKind::Store, "had an input or output error before; close it and open it again")
            }
            _ => (ErrorKind::Store, "cannot be read or written"),
        };
        self.failed(kind, what).with_source(error)
    }

    fn io_failed(&self, kind: io::ErrorKind) -> Error {
        match kind {
            // A page lies beyond the end, or redb does not recognize what it read.
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => self.damaged(),
            io::ErrorKind::StorageFull => self.failed(
                ErrorKind::Store,
                "cannot grow, the disk is full; make room, close it and open it again",
            ),
            _ => self.failed(ErrorKind::Store, "cannot be read or written"),
        }
    }

    /// The error of a commit that failed, whatever it failed of.
    #[cold]
    pub(super) fn unknown(&self, error: Error) -> Error {
        let what = "failed while committing, the write may or may not have been made; open it again and look";
        self.failed(ErrorKind::Unknown, what).with_source(error)
    }
}

/// What is wrong with bytes that were read.
#[cold]
pub(super) fn bad_data(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The error of a file that cannot be opened or created.
#[cold]
pub(super) fn open_failed(path: &Path, error: io::Error) -> Error {
    let name = name(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
    let (kind, what) = match (error.kind(), folder) {
        (io::ErrorKind::NotFound, Some(folder)) => (
            ErrorKind::NotFound,
            format!("does not exist, nor does its folder `{}`; create that first", folder.display()),
        ),
        (io::ErrorKind::NotFound, None) => {
            (ErrorKind::NotFound, "does not exist; create it, or check the name".into())
        }
        (io::ErrorKind::IsADirectory, _) => (ErrorKind::Store, "is a folder; name a file".into()),
        (io::ErrorKind::NotADirectory, _) => {
            (ErrorKind::Store, "lies in something that is no folder; check the name".into())
        }
        (io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem, _) => (
            ErrorKind::Store,
            "may not be written by this user, or is read-only; a store needs both reading and writing".into(),
        ),
        _ => (ErrorKind::Store, "cannot be opened".into()),
    };
    Error::new(kind, format!("{name} {what}")).with_source(error)
}
