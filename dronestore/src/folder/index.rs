//! The index of a publisher: the names of segments, for a server that hands out files and cannot list them.
//!
//! ```text
//! dronestore index 1
//! <size> <name>
//! ```

use super::listing::Listing;
use super::storage::{Entry, Folder};
use dronestore_core::Result;
use std::fmt::Write;

const HEAD: &str = "dronestore index 1";

/// Writes the index, where one was asked for and it is not what is there.
pub(super) fn write(folder: &Folder) -> Result<()> {
    let Some(name) = &folder.index else { return Ok(()) };
    let listing = Listing::read(&*folder.storage)?;
    let mut text = format!("{HEAD}\n");
    for Entry { name, size } in &listing.entries {
        // Writing to a text cannot fail.
        _ = writeln!(text, "{size} {name}");
    }
    match folder.storage.get(name, text.len() as u64) {
        Ok(there) if there == text.as_bytes() => Ok(()),
        _ => folder.storage.put(name, text.as_bytes()),
    }
}

/// Reads an index; lines that are none are passed over.
#[cfg(feature = "web-folder")]
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Entry>> {
    let no_index = || dronestore_core::Error::corrupt("that is not an index of segments");
    let text = std::str::from_utf8(bytes).map_err(|_| no_index())?;
    let mut lines = text.lines();
    if lines.next() != Some(HEAD) {
        return Err(no_index());
    }
    let entry = |line: &str| {
        let (size, name) = line.split_once(' ')?;
        Some(Entry { name: name.to_owned(), size: size.parse().ok()? })
    };
    Ok(lines.filter_map(entry).collect())
}
