//! A bundle as a file: there as a whole, or not at all.

use super::options::BundleOptions;
use super::write::BundleReport;
use crate::random::random_actor;
use crate::repo::{Point, Repo};
use dronestore_core::{Error, ErrorKind, Result};
use std::fs::{self, File};
use std::io::{BufWriter, Error as IoError};
use std::path::{Path, PathBuf};

impl Repo {
    /// Writes everything that the repo holds into a file, in place of what the file was.
    ///
    /// The file is there as a whole, durably, or is what it was before.
    ///
    /// # Errors
    /// As [`Repo::write_bundle`].
    pub fn bundle(&self, path: impl AsRef<Path>) -> Result<BundleReport> {
        self.bundle_with(path, BundleOptions::new())
    }

    /// Writes what has changed since a point into a file, as [`Repo::bundle`] does.
    ///
    /// # Errors
    /// As [`Repo::write_bundle`].
    pub fn bundle_since(&self, point: &Point, path: impl AsRef<Path>) -> Result<BundleReport> {
        self.bundle_with(path, BundleOptions::new().since(point))
    }

    /// Writes what the options say into a file, as [`Repo::bundle`] does.
    ///
    /// # Errors
    /// As [`Repo::write_bundle`].
    pub fn bundle_with(&self, path: impl AsRef<Path>, options: BundleOptions<'_>) -> Result<BundleReport> {
        let path = path.as_ref();
        let failed = |error: IoError| cannot(path, error);
        let aside = beside(path)?;
        let write = || {
            let mut file = BufWriter::new(File::create_new(&aside).map_err(failed)?);
            let report = self.write_bundle(&mut file, options)?;
            let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
            file.sync_all().map_err(failed)?;
            fs::rename(&aside, path).map_err(failed)?;
            Ok(report)
        };
        let report = write().inspect_err(|_| _ = fs::remove_file(&aside))?;
        sync_folder(path);
        Ok(report)
    }
}

/// A name beside this one that nobody has.
pub(crate) fn beside(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, format!("`{}` is not the name of a file", path.display()))
    })?;
    Ok(path.with_file_name(format!(".{}.{:.12}.tmp", name.to_string_lossy(), random_actor()?)))
}

/// Makes the names in a folder durable, where the system can.
pub(crate) fn sync_folder(file: &Path) {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Not every file system can: the file itself is durable, and its name soon.
    _ = File::open(folder).and_then(|folder| folder.sync_all());
}

pub(crate) fn cannot(path: &Path, error: IoError) -> Error {
    Error::new(ErrorKind::Store, format!("`{}` cannot be written", path.display())).with_source(error)
}
