//! Creating the file: under its name there is nothing, or a whole store.

use super::RedbOptions;
use super::fault::{name, open_failed};
use super::open::OpenFile;
use crate::{Error, ErrorKind, Result};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Creations that meet a cleaner at the wrong moment try again under another name.
const TRIES: usize = 4;

/// Builds the store under a name of its own beside the final one and gives it the final name when it is whole and on disk.
pub(super) fn create(path: &Path, options: &RedbOptions) -> Result<OpenFile> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(exists(path));
    }
    remove_stale(path);
    let mut result = attempt(path, options);
    for _ in 1..TRIES {
        match result {
            Err(error)
                if error.kind() == ErrorKind::Busy || error.is_not_found() && folder(path).exists() =>
            {
                result = attempt(path, options);
            }
            _ => break,
        }
    }
    result
}

fn attempt(path: &Path, options: &RedbOptions) -> Result<OpenFile> {
    let draft = Draft { path: draft_path(path)? };
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(&draft.path);
    let file = file.map_err(|error| open_failed(path, error))?;
    // Locked from here on: whoever meets the final name before we return finds it in use.
    let open = OpenFile::from_file(file, path, options)?;
    open.commit_all()?;
    publish(&draft.path, path)?;
    sync_folder(path)?;
    Ok(open)
}

/// Gives the file its name unless something has it.
fn publish(draft: &Path, path: &Path) -> Result<()> {
    let error = match fs::hard_link(draft, path) {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    match error.kind() {
        io::ErrorKind::AlreadyExists => Err(exists(path).with_source(error)),
        // Somebody took the draft for a stale one.
        io::ErrorKind::NotFound => Err(open_failed(path, error)),
        _ => rename(draft, path),
    }
}

/// Where there are no hard links (FAT, apps on Android). A rename would replace what is there, so those who create in one
/// folder go one after the other.
fn rename(draft: &Path, path: &Path) -> Result<()> {
    let folder = File::open(folder(path)).ok();
    // The lock goes with the handle. A system that cannot lock folders leaves a gap of microseconds here.
    let _locked = folder.as_ref().map(File::lock);
    if fs::symlink_metadata(path).is_ok() {
        return Err(exists(path));
    }
    fs::rename(draft, path).map_err(|error| open_failed(path, error))
}

/// Makes the names in the file's folder durable; file systems that cannot are left alone.
pub(super) fn sync_folder(path: &Path) -> Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let synced = File::open(folder(path)).and_then(|folder| folder.sync_all());
    match synced.as_ref().map_err(io::Error::kind) {
        Ok(())
        | Err(io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied) => {
            Ok(())
        }
        Err(_) => synced.map_err(|error| {
            let message = format!(
                "the folder of {} cannot be synced; its name may not survive a power loss",
                name(path)
            );
            Error::new(ErrorKind::Store, message).with_source(error)
        }),
    }
}

#[cold]
fn exists(path: &Path) -> Error {
    Error::new(ErrorKind::Conflict, format!("{} exists already; open it, or choose another name", name(path)))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The name a store has while it is made; removed when we are done with it, whatever the outcome.
struct Draft {
    path: PathBuf,
}

impl Drop for Draft {
    fn drop(&mut self) {
        // What cannot be removed is found stale by the next creation.
        let _ = fs::remove_file(&self.path);
    }
}

/// What all drafts of this file begin with: hidden, and no name that a user would choose.
fn draft_prefix(path: &Path) -> Result<String> {
    let file = path
        .file_name()
        .ok_or_else(|| Error::new(ErrorKind::Store, format!("{} names no file", name(path))))?;
    Ok(format!(".{}.new-", file.to_string_lossy()))
}

fn draft_path(path: &Path) -> Result<PathBuf> {
    // Process and count tell drafts of the living apart; drafts of the dead are refused by `create_new`.
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let prefix = draft_prefix(path)?;
    let time = std::time::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_nanos());
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    Ok(folder(path).join(format!("{prefix}{}-{count}-{time}", std::process::id())))
}

/// Removes drafts whose makers are dead: nobody holds their lock. All of it is best effort.
fn remove_stale(path: &Path) {
    let Ok(prefix) = draft_prefix(path) else { return };
    let Ok(entries) = fs::read_dir(folder(path)) else { return };
    let drafts = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
    for draft in drafts {
        let file = OpenOptions::new().read(true).write(true).open(draft.path());
        // A maker between creating its draft and locking it loses it here, and tries again.
        if file.is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(draft.path());
        }
    }
}
