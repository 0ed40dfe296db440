//! What publishing and pulling came to.

use crate::repo::{Count, MergeReport};
use dronestore_core::Key;
use std::fmt;

/// What a publication came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishReport {
    /// Segments that were written.
    pub segments: usize,
    /// Objects in them.
    pub objects: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Own segments that were taken away, because others hold all of theirs.
    pub deleted: usize,
    /// Objects that are too large to travel: more than 32 MiB.
    pub too_large: Vec<Key>,
}

/// What a pull came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PullReport {
    /// What the versions came to.
    pub received: MergeReport,
    /// Segments that were read.
    pub segments: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Segments that are not whole yet, or damaged: name and why. They are left alone, and tried again next time.
    pub unreadable: Vec<(String, String)>,
    /// Publications of which a part has not arrived yet.
    pub waiting: usize,
    /// Segments of other databases.
    pub foreign: usize,
    /// Files that are none of dronestore's, or copies that somebody made of them.
    pub ignored: usize,
}

/// What a sync with a folder came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FolderReport {
    /// What was read.
    pub pulled: PullReport,
    /// What was written.
    pub published: PublishReport,
}

/// `published 12 objects in 1 segment, 840 bytes`.
impl fmt::Display for PublishReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (objects, segments) = (Count(self.objects, "object"), Count(self.segments as u64, "segment"));
        write!(f, "published {objects} in {segments}, {}", Count(self.bytes, "byte"))
    }
}

/// `pulled 3 new, 2 forwarded, 1 merged, 0 known from 2 segments, 1200 bytes; 1 unreadable`.
impl fmt::Display for PullReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments = Count(self.segments as u64, "segment");
        write!(f, "pulled {} from {segments}, {}", self.received, Count(self.bytes, "byte"))?;
        let rest = [
            (self.unreadable.len(), "unreadable"),
            (self.waiting, "not there as a whole yet"),
            (self.foreign, "of other databases"),
        ];
        rest.iter()
            .filter(|(count, _)| *count > 0)
            .try_for_each(|(count, what)| write!(f, "; {count} {what}"))
    }
}

/// Both, one after the other.
impl fmt::Display for FolderReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.pulled, self.published)
    }
}
