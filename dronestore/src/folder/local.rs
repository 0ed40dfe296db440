//! A directory as a shared folder.

use super::storage::{Entry, Storage, not_found, taken, too_long};
use crate::bundle::{beside, cannot, sync_folder};
use dronestore_core::{Error, ErrorKind, Result};
use std::fs::{self, File};
use std::io::{Error as IoError, ErrorKind as Io, Read, Write};
use std::path::{Path, PathBuf};

/// A directory that something copies around: a cloud drive, a network share, a stick.
#[derive(Debug, Clone)]
pub struct LocalFolder(PathBuf);

impl LocalFolder {
    /// The directory at this path, made if it is not there.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store) where it cannot be made.
    pub fn open(path: impl AsRef<Path>) -> Result<LocalFolder> {
        let path = path.as_ref();
        fs::create_dir_all(path).map_err(|error| cannot(path, error))?;
        Ok(LocalFolder(path.to_path_buf()))
    }

    /// A file of the folder; no name leads out of it.
    fn file(&self, name: &str) -> Result<PathBuf> {
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', ':', '\0']) {
            return Err(Error::new(ErrorKind::InvalidValue, format!("`{name}` is no name of a file here")));
        }
        Ok(self.0.join(name))
    }

    /// Writes a file under a name that nobody has.
    fn put_aside(&self, path: &Path, bytes: &[u8]) -> Result<PathBuf> {
        let aside = beside(path)?;
        let write = || {
            let mut file = File::create_new(&aside)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(|error| {
            _ = fs::remove_file(&aside);
            cannot(path, error)
        })?;
        Ok(aside)
    }
}

impl Storage for LocalFolder {
    fn list(&self) -> Result<Vec<Entry>> {
        let failed = |error| cannot_read(&self.0, error);
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            match entry.metadata() {
                Ok(metadata) if metadata.is_file() => entries.push(Entry { name, size: metadata.len() }),
                // A folder, or gone since.
                _ => {}
            }
        }
        Ok(entries)
    }

    fn get(&self, name: &str, most: u64) -> Result<Vec<u8>> {
        let path = self.file(name)?;
        let file = File::open(&path).map_err(|error| match error.kind() {
            Io::NotFound => not_found(name),
            _ => cannot_read(&path, error),
        })?;
        let mut bytes = Vec::new();
        let read = file.take(most.saturating_add(1)).read_to_end(&mut bytes);
        let read = read.map_err(|error| cannot_read(&path, error))?;
        if read as u64 > most { Err(too_long(name)) } else { Ok(bytes) }
    }

    fn put_new(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.file(name)?;
        if path.exists() {
            return Err(taken(name));
        }
        let aside = self.put_aside(&path, bytes)?;
        // A link is refused where the name is taken. Not every file system has links: there it is a rename.
        let made = match fs::hard_link(&aside, &path) {
            Err(error) if error.kind() == Io::AlreadyExists => Err(taken(name)),
            Err(_) if path.exists() => Err(taken(name)),
            Err(_) => fs::rename(&aside, &path).map_err(|error| cannot(&path, error)),
            Ok(()) => Ok(()),
        };
        _ = fs::remove_file(&aside);
        sync_folder(&path);
        made
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.file(name)?;
        let aside = self.put_aside(&path, bytes)?;
        fs::rename(&aside, &path).map_err(|error| {
            _ = fs::remove_file(&aside);
            cannot(&path, error)
        })?;
        sync_folder(&path);
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<()> {
        let path = self.file(name)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != Io::NotFound => Err(cannot(&path, error)),
            _ => Ok(()),
        }
    }

    fn describe(&self) -> String {
        format!("`{}`", self.0.display())
    }
}

fn cannot_read(path: &Path, error: IoError) -> Error {
    Error::new(ErrorKind::Store, format!("`{}` cannot be read", path.display())).with_source(error)
}
