//! Where repos are: `.drone`, a file, in a folder or in one above it.

use crate::clock::Clock;
use crate::stores::RedbStore;
use crate::{Error, ErrorKind, Repo, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of a repo's file in its folder.
pub(super) const NAME: &str = ".drone";

/// The file of the repo that a path means: a file itself, or the one in a folder.
pub(super) fn file_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(NAME) } else { path.to_path_buf() }
}

/// The repo of a folder, or of the nearest one above that has one.
pub(super) fn above(folder: &Path) -> Result<PathBuf> {
    let found = folder.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file());
    found.ok_or_else(|| {
        let message = format!(
            "there is no repo in `{}` or above it: make one with `dronestore init`, or name one with `--repo`",
            folder.display()
        );
        Error::new(ErrorKind::NotFound, message)
    })
}

/// Opens a repo that is there.
pub(super) fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Repo> {
    let store = RedbStore::open(path)?;
    Repo::builder().store(Arc::new(store)).clock(Shared(clock)).open()
}

/// A clock that several repos go by.
#[derive(Debug)]
pub(super) struct Shared(pub(super) Arc<dyn Clock>);

impl Clock for Shared {
    fn now(&self) -> crate::Nanotime {
        self.0.now()
    }
}
