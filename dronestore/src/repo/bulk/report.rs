//! What an import and an export came to.

use crate::repo::MergeReport;
use serde::Serialize;
use std::fmt;

/// What an import came to, as far as it is durable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportReport {
    /// Objects that came, and are as they came.
    pub objects: u64,
    /// Those of them that were written by their values; the others with values read so before.
    pub written: u64,
    /// Durable batches.
    pub batches: u64,
    /// Bytes of the rows that were written by values.
    pub bytes: u64,
    /// Schemas that were not here.
    pub schemas: u64,
    /// What became of those that came as versions.
    pub merged: MergeReport,
}

impl ImportReport {
    /// Objects that came as versions, as an export with versions has them.
    pub fn versions(&self) -> u64 {
        let MergeReport { new, forwarded, merged, known, forked, .. } = &self.merged;
        (new + forwarded + merged + known + forked.len()) as u64
    }
}

/// `1003 objects in 2 batches: 1000 written, 3 as they were`.
impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ImportReport { objects, written, batches, .. } = self;
        let same = objects.saturating_sub(self.versions() + written);
        let plural = if *batches == 1 { "batch" } else { "batches" };
        write!(f, "{objects} objects in {batches} {plural}: {written} written, {same} as they were")?;
        if self.versions() > 0 {
            write!(f, "; versions: {}", self.merged)?;
        }
        if self.schemas > 0 { write!(f, "; {} new schemas", self.schemas) } else { Ok(()) }
    }
}

/// What an export came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ExportReport {
    /// Objects.
    pub objects: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Schemas written before them.
    pub schemas: u64,
    /// What was left out, as `Kind.attribute`: only the program's own code can read it.
    pub left_out: Vec<String>,
}

/// `1000 objects, 81200 bytes; left out: Shop.rating`.
impl fmt::Display for ExportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} objects, {} bytes", self.objects, self.bytes)?;
        match self.left_out.is_empty() {
            true => Ok(()),
            false => write!(f, "; left out: {}", self.left_out.join(", ")),
        }
    }
}
