//! Where the file is, and a note beside its content.

use crate::store::{MARK_LIMIT, Witness};
use crate::{Error, ErrorKind, Result};
use std::fs::File;
use std::io;
use std::path::Path;

/// The file as the operating system knows it: it follows a rename and does not follow a copy.
pub(super) struct FileWitness {
    file: File,
    name: String,
    #[cfg(not(unix))]
    path: std::path::PathBuf,
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
        match self.write_mark(mark) {
            Err(error) if has_no_room(&error) => Ok(()),
            result => result.map_err(|error| failed(&self.name, "does not take a mark", error)),
        }
    }
}

impl FileWitness {
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
