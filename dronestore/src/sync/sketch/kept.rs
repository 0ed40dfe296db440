//! The table that a repo keeps: made when it is first asked for, caught up from the change log from then on.
//!
//! No write of the repo knows of it. It counts heads as the log tells of them; that it is what the heads are nobody
//! vouches for but the digests at the end of a session, so a table that went wrong costs time and nothing else.

use super::cell::{Id, id_of};
use super::table::Table;
use crate::repo::{DatabaseId, LogRows, Repo, each_moved, end_of_log, head_hash, rows};
use dronestore_core::Result;
use dronestore_core::bytes::Reader;
use dronestore_core::store::{Direction, Range, Snapshot};
use std::sync::Arc;

/// How many rows of the log a repo may be ahead of its table where that is wanted at once: so many are always there.
const AT_ONCE: u64 = 2000;

/// What sync keeps beside a repo.
#[derive(Default)]
pub(crate) struct Beside {
    kept: Option<Kept>,
    /// Whether the last one called was no stranger: the next one is then not taken for one either.
    pub(crate) expects_known: bool,
}

/// A table as of some row of the change log.
struct Kept {
    table: Arc<Table>,
    database: DatabaseId,
    /// The last row that it has counted.
    sequence: u64,
    row: Vec<u8>,
}

/// What makes the ids of a database others than those of the next.
pub(crate) fn salt(database: DatabaseId) -> u64 {
    Reader::new(database.as_bytes()).array().map(u64::from_le_bytes).unwrap_or_default()
}

impl Beside {
    /// The table as the repo is now.
    ///
    /// Cost: by what was written since it was last asked for; at first, and where the log does not go back so far, one
    /// pass over the heads.
    pub(crate) fn table(&mut self, repo: &Repo) -> Result<Arc<Table>> {
        let database = repo.database();
        let snapshot = repo.view()?.snapshot;
        let kept = match self.kept.take().filter(|kept| kept.database == database) {
            Some(kept) => kept.caught_up(&*snapshot)?,
            None => None,
        };
        let kept = match kept {
            Some(kept) => kept,
            None => Kept::new(database, &*snapshot)?,
        };
        Ok(self.kept.insert(kept).table.clone())
    }

    /// As [`Beside::table`] where that takes no pass over the heads.
    pub(crate) fn table_at_once(&mut self, repo: &Repo) -> Result<Option<Arc<Table>>> {
        let totals = repo.totals();
        let is_near = |kept: &Kept| totals.next_row.saturating_sub(kept.sequence) <= AT_ONCE;
        match &self.kept {
            Some(kept) if kept.database == totals.database && is_near(kept) => self.table(repo).map(Some),
            _ => Ok(None),
        }
    }

    /// The table is not to be trusted.
    pub(crate) fn forget(&mut self) {
        self.kept = None;
    }
}

impl Kept {
    fn new(database: DatabaseId, snapshot: &dyn Snapshot) -> Result<Kept> {
        let (salt, end) = (salt(database), end_of_log(snapshot)?);
        let mut table = Table::default();
        let heads = rows::all(rows::HEADS);
        let mut cursor = snapshot.scan(Range::between(&heads.start, &heads.end), Direction::Forward)?;
        while let Some((_, value)) = cursor.next()? {
            table.add(id_of(first(head_hash(value)?.as_bytes()), salt));
        }
        Ok(Kept { table: Arc::new(table), database, sequence: end.sequence, row: end.row })
    }

    /// With all that was written since; `None` where that cannot be told.
    fn caught_up(mut self, snapshot: &dyn Snapshot) -> Result<Option<Kept>> {
        let end = end_of_log(snapshot)?;
        if end.sequence == self.sequence && end.row == self.row {
            return Ok(Some(self));
        }
        let mut log = LogRows::new(snapshot, self.sequence, Direction::Forward)?;
        // Where the row is gone or another one, the log was cut, or the store put back.
        if log.next()?.is_none_or(|(sequence, row)| sequence != self.sequence || row != self.row) {
            return Ok(None);
        }
        let salt = salt(self.database);
        let table = Arc::make_mut(&mut self.table);
        while let Some((_, row)) = log.next()? {
            each_moved(row, |moved| {
                if moved.old == Some(moved.new) {
                    return;
                }
                if let Some(old) = moved.old {
                    table.remove(id_of(old, salt));
                }
                table.add(id_of(moved.new, salt));
            })?;
        }
        if table.count != end.meta.objects {
            return Ok(None);
        }
        (self.sequence, self.row) = (end.sequence, end.row);
        Ok(Some(self))
    }
}

/// The first bytes of a hash.
pub(crate) fn first(hash: &[u8; 32]) -> [u8; 8] {
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    first
}

/// The ids of all schemas, of which there are few: the log does not tell of them, and no table counts them.
pub(crate) fn schemas(snapshot: &dyn Snapshot, salt: u64) -> Result<Vec<(Id, Vec<u8>)>> {
    let range = rows::all(rows::SCHEMAS);
    let mut cursor = snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
    let mut schemas = Vec::new();
    while let Some((row, value)) = cursor.next()? {
        let hash = super::super::ranges::row_hash(row, value)?;
        schemas.push((id_of(first(hash.as_bytes()), salt), row.to_vec()));
    }
    Ok(schemas)
}
