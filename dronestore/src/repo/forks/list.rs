//! What was set aside: versions that have no join with what stands here.

use crate::repo::{Repo, rows};
use dronestore_core::store::{Cursor, Direction, Range, Snapshot};
use dronestore_core::{Result, Version};
use std::fmt;

/// The versions that were set aside, in the order of their kinds and keys, as of one moment.
pub struct Forks {
    cursor: Box<dyn Cursor>,
    _snapshot: Box<dyn Snapshot>,
}

impl fmt::Debug for Forks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forks").finish_non_exhaustive()
    }
}

impl Iterator for Forks {
    type Item = Result<Version>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.cursor.next() {
            Ok(Some((_, bytes))) => Some(Version::from_bytes(bytes)),
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

impl Repo {
    /// The versions that were set aside because they fork, or have no join for another reason: whole, and part of no
    /// object here. See [forks](crate::guide::merging#forks).
    ///
    /// # Errors
    /// As [`Repo::view`].
    ///
    /// Cost: one snapshot, and each version decoded strictly.
    pub fn forks(&self) -> Result<Forks> {
        let snapshot = self.inner.store.snapshot()?;
        let all = rows::all(rows::FORKS);
        let cursor = snapshot.scan(Range::between(&all.start, &all.end), Direction::Forward)?;
        Ok(Forks { cursor, _snapshot: snapshot })
    }

    /// Lets go of a version that was set aside; says whether it was there.
    ///
    /// # Errors
    /// As [`Repo::save`].
    ///
    /// Cost: one durable batch.
    pub fn forget_fork(&self, version: &Version) -> Result<bool> {
        let row = rows::fork(version.kind(), version.key(), &version.hash());
        self.attempt(|| {
            self.write(|transaction| {
                let is_there = transaction.snapshot.get(&row)?.is_some();
                if is_there {
                    transaction.index.insert(row.clone(), None);
                }
                Ok(is_there)
            })
        })
    }
}
