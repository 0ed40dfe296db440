//! Purging: old deleted objects shrink to what merging needs of them.

use crate::repo::transaction::Transaction;
use crate::repo::{Repo, decisions_kind, rows};
use dronestore_core::store::{Direction, Range};
use dronestore_core::version::purge;
use dronestore_core::{Key, Nanotime, Result, Version};
use std::fmt;
use std::time::Duration;

/// How many objects are purged in one batch.
const BATCH: usize = 500;

/// What purging came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PurgeReport {
    /// Deleted objects of which nothing is left but their keys and what they had seen.
    pub objects: u64,
    /// Bytes of heads and history that were freed.
    pub bytes: u64,
}

/// `12 deleted objects purged, 4096 bytes freed`.
impl fmt::Display for PurgeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} deleted objects purged, {} bytes freed", self.objects, self.bytes)
    }
}

impl Repo {
    /// Reduces objects that were deleted longer ago than this to their keys, what they had seen, and when they were created;
    /// their histories go.
    ///
    /// It is a write like any other: it travels, and other replicas shrink theirs by merging it. A deletion keeps what was
    /// deleted underneath, so that a concurrent change brings back the whole object. After a purge that is over: of a replica
    /// that was away and changed a field without knowing of the deletion, that field alone comes back, all others at
    /// their defaults. So give it longer than any replica stays away. A replica that was away and changed nothing just
    /// learns that the object is gone.
    ///
    /// # Errors
    /// As [`Repo::save`]. What was purged before stays so.
    ///
    /// A branch keeps what it has touched, also of an object that is purged: it is like a replica that was away. Merge or
    /// discard it to be rid of that.
    ///
    /// Cost: a pass over all objects; a batch for every 500 that are purged.
    pub fn purge(&self, older_than: Duration) -> Result<PurgeReport> {
        let before = self.inner.clock.now().saturating_sub(older_than);
        let mut report = PurgeReport::default();
        let mut start = rows::all(rows::HEADS).start;
        loop {
            let (found, next) = self.purgeable(&start, before)?;
            let part = self.attempt(|| {
                self.write(|transaction| {
                    let mut part = PurgeReport::default();
                    for (kind, key) in &found {
                        transaction.purge(kind, key, before, &mut part)?;
                    }
                    Ok(part)
                })
            })?;
            report.objects += part.objects;
            report.bytes += part.bytes;
            match next {
                Some(next) => start = next,
                None => return Ok(report),
            }
        }
    }

    /// Some objects that may be purged, and the row to go on from.
    fn purgeable(&self, start: &[u8], before: Nanotime) -> Result<(Found, Option<Vec<u8>>)> {
        let view = self.view()?;
        let end = rows::all(rows::HEADS).end;
        let mut cursor = view.snapshot.scan(Range::between(start, &end), Direction::Forward)?;
        let mut found = Found::new();
        while let Some(head) = crate::repo::iterate::next_head(&mut *cursor)? {
            if found.len() == BATCH {
                return Ok((found, Some(rows::head(&head.kind, &head.key))));
            }
            let version = view.read_head(head.key, head.bytes)?;
            if is_purgeable(&version, before) {
                found.push((head.kind, version.key().clone()));
            }
        }
        Ok((found, None))
    }
}

/// Kinds and keys of objects.
type Found = Vec<(String, Key)>;

/// Whether something is left of an object that was deleted before.
fn is_purgeable(version: &Version, before: Nanotime) -> bool {
    let is_old = version.is_deleted() && version.committed() < before;
    is_old && !version.shape().is_empty() && version.kind() != decisions_kind()
}

impl Transaction<'_> {
    fn purge(&mut self, kind: &str, key: &Key, before: Nanotime, report: &mut PurgeReport) -> Result<()> {
        let row = rows::head(kind, key);
        let stored = self.stored(&row, key)?.filter(|version| is_purgeable(version, before));
        let Some(stored) = stored else { return Ok(()) };
        let (version, _) = purge(&stored, &mut self.author())?;
        let hash = Some(stored.hash());
        let freed = stored.state_bytes().len().saturating_sub(version.state_bytes().len());
        (report.objects, report.bytes) = (report.objects + 1, report.bytes + freed as u64);
        self.note_write(&row, Some(stored), &version);
        // Its history ends here, without a word of this.
        self.stage_head(row, &version, hash, None)?;
        let range = rows::history_of(kind, key.as_encoded());
        let mut cursor = self.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
        while let Some((row, value)) = cursor.next()? {
            report.bytes += (row.len() + value.len()) as u64;
            self.history.rows.insert(row.to_vec(), None);
        }
        Ok(())
    }
}
