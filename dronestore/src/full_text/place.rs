//! Place: where an index is, in a folder or in memory.
//!
//! A folder is ours if it was empty, or has our marker in it; nothing else is ever written to or taken away.

use super::fault::{disk, fault, guarded};
use super::files::Files;
use super::layout::Layout;
use super::state::State;
use crate::{Error, ErrorKind, Result};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tantivy::{Index, SegmentMeta};

/// The file that says whose folder it is; whoever uses the index has it locked.
const MARKER: &str = "dronestore-search";
const MARKER_TEXT: &[u8] =
    b"A search index of dronestore. It is made of the repo and can be deleted: the next search makes it again.\n";

/// The files that each segment has.
const PARTS: [&str; 6] = ["fast", "fieldnorm", "idx", "pos", "store", "term"];

/// Where an index is.
#[derive(Debug)]
pub(super) enum Place {
    Memory,
    Folder { path: PathBuf, _lock: File },
}

impl Place {
    /// A folder, made if there is none, for as long as this is kept.
    pub(super) fn folder(path: &Path) -> Result<Place> {
        let shown = path.display();
        fs::create_dir_all(path).map_err(|error| disk(format_args!("`{shown}` cannot be made"), error))?;
        let marker = path.join(MARKER);
        if !marker.exists() {
            let unreadable = |error| disk(format_args!("`{shown}` cannot be read"), error);
            if fs::read_dir(path).map_err(unreadable)?.next().is_some() {
                let message =
                    format!("`{shown}` holds something that is no search index: name an empty folder");
                return Err(Error::new(ErrorKind::Refused, message));
            }
        }
        let unwritable = |error| disk(format_args!("`{shown}` cannot be written"), error);
        let mut file =
            OpenOptions::new().read(true).append(true).create(true).open(&marker).map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!("the search index `{shown}` is open already");
                return Err(Error::new(ErrorKind::Busy, message));
            }
            // Where there are no locks nobody can be told.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(unwritable(error)),
        }
        if file.metadata().map_err(unwritable)?.len() == 0 {
            file.write_all(MARKER_TEXT).map_err(unwritable)?;
        }
        Ok(Place::Folder { path: path.to_path_buf(), _lock: file })
    }

    /// What is there, if every byte of it is as it was written.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt) and others where nothing is there that can be used. Cost: reads it all, once.
    pub(super) fn open(&self) -> Result<(Index, State)> {
        let Place::Folder { path, .. } = self else {
            return Err(Error::corrupt("there is nothing in memory yet"));
        };
        guarded(|| {
            let directory = Files::open(path).map_err(fault)?;
            let index = Index::open(directory).map_err(fault)?;
            Layout::prepare(&index);
            let metas = index.load_metas().map_err(fault)?;
            let damaged = || Error::corrupt("the search index is damaged");
            for entry in fs::read_dir(path).map_err(|error| disk("cannot be read", error))? {
                let name = entry.map_err(|error| disk("cannot be read", error))?.file_name();
                let name = Path::new(&name);
                let is_used = metas.segments.iter().any(|segment| is_of_segment(name, segment));
                if is_used && !index.directory().validate_checksum(name).unwrap_or(false) {
                    return Err(damaged());
                }
                // What a killed commit left would be in the way of the next one.
                if !is_used && name.to_str().is_some_and(is_segment) {
                    fs::remove_file(path.join(name)).map_err(|error| disk("cannot be cleared", error))?;
                }
            }
            if !metas.segments.iter().all(|segment| is_whole(path, segment)) {
                return Err(damaged());
            }
            let state = State::from_text(metas.payload.as_deref().unwrap_or_default())?;
            if Layout::of(&state.plan).schema != index.schema() {
                return Err(damaged());
            }
            index.reader().map_err(fault)?;
            Ok((index, state))
        })
    }

    /// An empty index; what was there before is gone.
    pub(super) fn create(&self, layout: &Layout) -> Result<Index> {
        let schema = layout.schema.clone();
        let index = match self {
            Place::Memory => Index::create_in_ram(schema),
            Place::Folder { path, .. } => guarded(|| {
                clear(path)
                    .map_err(|error| disk(format_args!("`{}` cannot be cleared", path.display()), error))?;
                let directory = Files::open(path).map_err(fault)?;
                Index::create(directory, schema, Default::default()).map_err(fault)
            })?,
        };
        Layout::prepare(&index);
        Ok(index)
    }

    /// How many bytes the files take up.
    pub(super) fn bytes(&self) -> Result<Option<u64>> {
        let Place::Folder { path, .. } = self else { return Ok(None) };
        let sum = || -> io::Result<u64> {
            let mut sum = 0;
            for entry in fs::read_dir(path)? {
                // Files come and go while segments are merged.
                sum += entry?.metadata().map_or(0, |data| data.len());
            }
            Ok(sum)
        };
        sum().map(Some).map_err(|error| disk(format_args!("`{}` cannot be read", path.display()), error))
    }
}

/// Whether a file is part of a segment, and not left of an earlier or a broken commit.
fn is_of_segment(file: &Path, segment: &SegmentMeta) -> bool {
    let Some(name) = file.to_str().and_then(|name| name.strip_prefix(&segment.id().uuid_string())) else {
        return false;
    };
    match name.strip_suffix(".del") {
        Some(deletes) => segment.delete_opstamp().is_some_and(|stamp| deletes == format!(".{stamp}")),
        None => true,
    }
}

/// Whether none of its files is gone altogether.
fn is_whole(path: &Path, segment: &SegmentMeta) -> bool {
    let deletes = segment.delete_opstamp().map(|stamp| format!("{stamp}.del"));
    let mut ends = PARTS.map(str::to_owned).into_iter().chain(deletes);
    ends.all(|end| path.join(format!("{}.{end}", segment.id().uuid_string())).exists())
}

/// Takes the files of an index away, and nothing else; where the folder is gone, makes it.
fn clear(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    if !path.join(MARKER).exists() {
        fs::write(path.join(MARKER), MARKER_TEXT)?;
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(is_of_index) && entry.file_type()?.is_file() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Whether tantivy gives a file such a name.
fn is_of_index(name: &str) -> bool {
    is_segment(name)
        || matches!(name, "meta.json" | ".managed.json")
        || name.starts_with(".tantivy-")
        || name.starts_with(".tmp")
}

fn is_segment(name: &str) -> bool {
    name.len() > 32 && name.bytes().take(32).all(|byte| byte.is_ascii_hexdigit())
}
