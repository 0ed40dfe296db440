//! Storage: the little that a shared folder has to be able to do.

use super::local::LocalFolder;
use dronestore_core::{Error, ErrorKind, Result};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A file of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, without a folder in front.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
}

/// A place where files have names: a directory, a bucket, a web server.
///
/// It may be slow to show what others wrote, and show it in any order or in part. What is asked of it: a file that
/// [`put_new`](Storage::put_new) has made is never changed; and whoever has written a file finds it afterwards.
pub trait Storage: Send + Sync {
    /// The files there are, in any order; others than those of dronestore may be among them.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store) where that cannot be told; as for every call here.
    fn list(&self) -> Result<Vec<Entry>>;

    /// The bytes of a file.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where there is none; [`Corrupt`](ErrorKind::Corrupt) where it has more than `most`
    /// bytes, of which no more need be read.
    fn get(&self, name: &str, most: u64) -> Result<Vec<u8>>;

    /// Makes a file, durably, as a whole or not at all.
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) where there is one of this name: it stays as it is.
    fn put_new(&self, name: &str, bytes: &[u8]) -> Result<()>;

    /// Makes a file or puts these bytes in the place of those it has, as a whole: for the index of a publisher only.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<()>;

    /// Takes a file away; no error where there is none.
    fn delete(&self, name: &str) -> Result<()>;

    /// What it is, for messages.
    fn describe(&self) -> String;
}

/// A folder that replicas share. Cloning it costs a reference count.
#[derive(Clone)]
pub struct Folder {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) index: Option<String>,
    pub(super) segment_bytes: u64,
}

/// About how many bytes a segment has at most, beside its last block.
const SEGMENT: u64 = 8 << 20;

impl Folder {
    /// A directory, made if it is not there.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store) where it cannot be made.
    pub fn open(path: impl AsRef<Path>) -> Result<Folder> {
        Ok(Folder::new(Arc::new(LocalFolder::open(path)?)))
    }

    /// A folder in this storage.
    pub fn new(storage: Arc<dyn Storage>) -> Folder {
        Folder { storage, index: None, segment_bytes: SEGMENT }
    }

    /// Has an index written with each publication, `<name>.index`, that lists all segments of the folder: with it, a plain
    /// web server can hand them out. The name belongs to this replica.
    ///
    /// # Errors
    /// [`InvalidValue`](ErrorKind::InvalidValue) for a name of other things than 1 to 64 letters, digits, `-` and `_`.
    pub fn with_index(mut self, name: &str) -> Result<Folder> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(is_plain) {
            let message =
                format!("`{name}` cannot be the name of an index: use letters, digits, `-` and `_`");
            return Err(Error::new(ErrorKind::InvalidValue, message));
        }
        self.index = Some(format!("{name}.index"));
        Ok(self)
    }

    /// Ends a segment when it has about so many bytes, instead of 8 MiB; each is held in memory while it is written or read.
    #[must_use]
    pub fn segment_bytes(mut self, bytes: u64) -> Folder {
        self.segment_bytes = bytes;
        self
    }
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Folder")
            .field("storage", &self.storage.describe())
            .field("index", &self.index)
            .finish()
    }
}

pub(super) fn not_found(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no file `{name}`"))
}

pub(super) fn taken(name: &str) -> Error {
    Error::new(ErrorKind::Conflict, format!("there is a file `{name}` already"))
}

pub(super) fn too_long(name: &str) -> Error {
    Error::corrupt(format!("`{name}` is longer than a segment may be"))
}
