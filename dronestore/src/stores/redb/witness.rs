//! Where the file is, and a note beside its content.

use crate::store::{MARK_LIMIT, Witness};
use crate::{Error, ErrorKind, Result};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The file as the operating system knows it: it follows a rename and does not follow a copy.
pub(super) struct FileWitness {
    file: File,
    name: String,
    note: Mutex<Note>,
    #[cfg(not(unix))]
    path: std::path::PathBuf,
}

/// A changed attribute makes the next sync of any file wait for the journal: a sixth of a small batch. So of many marks in a
/// row only one in this time is written, and the last one when the file is closed.
const MARK_EVERY: Duration = Duration::from_millis(2);

/// What became of the marks that were set.
#[derive(Default)]
struct Note {
    written: Option<Instant>,
    /// The last mark, while it is not written.
    waiting: Option<Vec<u8>>,
}

impl FileWitness {
    pub(super) fn new(file: &File, path: &Path) -> Result<Self> {
        let name = super::fault::name(path);
        let file = file.try_clone().map_err(|error| failed(&name, "cannot be opened twice", error))?;
        #[cfg(not(unix))]
        let path = path.to_path_buf();
        Ok(FileWitness {
            file,
            name,
            note: Mutex::default(),
            #[cfg(not(unix))]
            path,
        })
    }
}

impl Witness for FileWitness {
    #[cfg(unix)]
    fn place(&self) -> Result<Option<Vec<u8>>> {
        use std::os::unix::fs::MetadataExt;
        let metadata = self.file.metadata();
        let metadata = metadata.map_err(|error| failed(&self.name, "cannot be looked at", error))?;
        // Clones of a machine may share device and inode numbers. Systems without this file are told apart by those alone.
        let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
        Ok(Some(format!("{}:{}:{}", machine.trim(), metadata.dev(), metadata.ino()).into_bytes()))
    }

    #[cfg(not(unix))]
    fn place(&self) -> Result<Option<Vec<u8>>> {
        let path = self.path.canonicalize();
        let path = path.map_err(|error| failed(&self.name, "cannot be looked at", error))?;
        Ok(Some(path.to_string_lossy().into_owned().into_bytes()))
    }

    #[cfg(unix)]
    fn mark(&self) -> Result<Option<Vec<u8>>> {
        use xattr::FileExt;
        if let Some(waiting) = &self.note().waiting {
            return Ok(Some(waiting.clone()));
        }
        match self.file.get_xattr(MARK) {
            Err(error) if has_no_room(&error) => Ok(None),
            result => result.map_err(|error| failed(&self.name, "does not give its mark", error)),
        }
    }

    #[cfg(not(unix))]
    fn mark(&self) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn set_mark(&self, mark: &[u8]) -> Result<()> {
        if mark.len() > MARK_LIMIT {
            let message = format!("a mark has {} bytes, the limit is {MARK_LIMIT}", mark.len());
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let mut note = self.note();
        let now = Instant::now();
        if note.written.is_some_and(|written| now.duration_since(written) < MARK_EVERY) {
            note.waiting = Some(mark.to_vec());
            return Ok(());
        }
        *note = Note { written: Some(now), waiting: None };
        match self.write_mark(mark) {
            Err(error) if has_no_room(&error) => Ok(()),
            result => result.map_err(|error| failed(&self.name, "does not take a mark", error)),
        }
    }
}

impl FileWitness {
    fn note(&self) -> MutexGuard<'_, Note> {
        self.note.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the mark that waits; the last thing before the file is closed.
    pub(super) fn settle(&self) {
        if let Some(mark) = self.note().waiting.take() {
            // A mark that is too old is as good as one that a kill left.
            let _ = self.write_mark(&mark);
        }
    }

    #[cfg(unix)]
    fn write_mark(&self, mark: &[u8]) -> io::Result<()> {
        xattr::FileExt::set_xattr(&self.file, MARK, mark)
    }

    #[cfg(not(unix))]
    fn write_mark(&self, _mark: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// The extended attribute of the mark.
#[cfg(unix)]
const MARK: &str = "user.dronestore.mark";

/// File systems without extended attributes, and sandboxes that forbid them.
fn has_no_room(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied)
}

#[cold]
fn failed(name: &str, what: &str, error: io::Error) -> Error {
    Error::new(ErrorKind::Store, format!("{name} {what}")).with_source(error)
}
