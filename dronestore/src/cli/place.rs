//! Where repos are: `.drone`, a file, in a folder or in one above it.

use crate::bundle::MAGIC;
use crate::clock::Clock;
use crate::stores::RedbStore;
use crate::{Error, ErrorKind, Repo, Result};
use std::fs::File;
use std::io::Read;
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

/// What is said of a repo that another process has open.
pub(super) const IS_OPEN: &str = "is open in another process";

/// Opens a repo that is there.
pub(super) fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Repo> {
    if let Some(what) = other_file(path) {
        let message = format!("`{}` is no repo but {what}", path.display());
        return Err(Error::new(ErrorKind::InvalidValue, message));
    }
    let store = RedbStore::open(path).map_err(|error| match error.kind() {
        // What the store says beside it is about programs.
        ErrorKind::Busy => Error::new(ErrorKind::Busy, format!("`{}` {IS_OPEN}", path.display())),
        _ => error,
    })?;
    Repo::builder().store(Arc::new(store)).clock(Shared(clock)).open()
}

/// What a file is that is dronestore's and no repo, and what to do with it.
fn other_file(path: &Path) -> Option<&'static str> {
    let mut begins = Vec::new();
    // Who cannot open it says so when the repo is opened.
    let file = File::open(path).ok().filter(|_| path.is_file())?;
    file.take(LOOKED_AT).read_to_end(&mut begins).ok()?;
    if begins.starts_with(MAGIC) {
        return Some(
            "a bundle: `dronestore bundle import` merges it, `dronestore clone` makes a repo of it, \
             `dronestore bundle info` says what is in it",
        );
    }
    let is_export = begins.starts_with(b"{") && String::from_utf8_lossy(&begins).contains("\"dronestore\":");
    is_export.then_some("what `export` wrote: `dronestore import` reads it")
}

/// How much of a file is looked at.
const LOOKED_AT: u64 = 96;

/// A clock that several repos go by.
#[derive(Debug)]
pub(super) struct Shared(pub(super) Arc<dyn Clock>);

impl Clock for Shared {
    fn now(&self) -> crate::Nanotime {
        self.0.now()
    }
}
