//! Following the change log from a point on, row by row, for whoever keeps a place in it.

use super::changes::{read_row, sequence_of};
use super::{Change, Repo, rows};
use dronestore_core::store::{Direction, Range, Snapshot};
use dronestore_core::{Error, Result};

/// How far somebody came who follows the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Followed {
    /// To its end; the row that will come next.
    End(u64),
    /// To where there was no room for more; the row that comes next.
    Full(u64),
    /// The log no longer goes back that far.
    Lost,
}

impl Repo {
    /// Hands over the changes from a row on, those of one row at once, until `each` has no room for more.
    ///
    /// Cost: nothing where there is nothing new; else a snapshot, and the rows.
    pub(crate) fn follow(
        &self,
        from: u64,
        each: impl FnMut(Vec<Change>) -> Result<bool>,
    ) -> Result<Followed> {
        if from == self.sequence() {
            return Ok(Followed::End(from));
        }
        self.follow_in(&*self.inner.store.snapshot()?, from, each)
    }

    /// The same, to where the log ends in a snapshot.
    pub(super) fn follow_in(
        &self,
        snapshot: &dyn Snapshot,
        from: u64,
        mut each: impl FnMut(Vec<Change>) -> Result<bool>,
    ) -> Result<Followed> {
        follow_rows(snapshot, from, |sequence, row| each(read_row(sequence, row, self, snapshot)?))
    }
}

/// The same of the rows as they are stored, each with its sequence.
pub(crate) fn follow_rows(
    snapshot: &dyn Snapshot,
    from: u64,
    mut each: impl FnMut(u64, &[u8]) -> Result<bool>,
) -> Result<Followed> {
    let (start, end) = (rows::log(from), rows::all(rows::LOG).end);
    let mut cursor = snapshot.scan(Range::between(&start, &end), Direction::Forward)?;
    let mut next = from;
    while let Some((key, row)) = cursor.next()? {
        let missing = || Error::corrupt("a row of the change log has no sequence");
        let sequence = sequence_of(key).ok_or_else(missing)?;
        if sequence != next {
            return Ok(Followed::Lost);
        }
        next += 1;
        if !each(sequence, row)? {
            return Ok(Followed::Full(next));
        }
    }
    Ok(Followed::End(next))
}
