//! Pruning: what no policy keeps goes now; young entries are packed.

use super::block;
use super::entry::id_of;
use super::policy::{History, cutoff};
use super::run::{Run, Runs};
use crate::repo::transaction::Transaction;
use crate::repo::{Repo, rows};
use dronestore_core::store::{Direction, Range};
use dronestore_core::{Error, Key, Nanotime, Result};
use std::fmt;
use std::time::Duration;

/// How many objects are pruned in one batch.
const BATCH: usize = 64;
/// How many young entries are worth a block.
const WORTH: usize = 16;

/// What pruning came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PruneReport {
    /// Objects whose history is shorter or smaller now.
    pub objects: u64,
    /// Changes that are no longer told.
    pub changes: u64,
    /// Bytes of rows that were freed.
    pub bytes: u64,
}

/// `3 objects, 1,000 changes …` in plain words.
impl fmt::Display for PruneReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PruneReport { objects, changes, bytes } = self;
        write!(f, "{changes} changes of {objects} objects gone, {bytes} bytes freed")
    }
}

impl Repo {
    /// Lets go of all history that the policies do not keep, to the entry, and packs what is young.
    ///
    /// Heads are not touched: whatever is merged before or after, it comes to the same.
    ///
    /// # Errors
    /// As [`Repo::save`]; [`Corrupt`](crate::ErrorKind::Corrupt) where a history is damaged. What was pruned before stays so.
    ///
    /// Cost: reads all history; a batch for every 64 objects that change.
    pub fn prune(&self) -> Result<PruneReport> {
        self.prune_all(None)
    }

    /// As [`Repo::prune`], and of what the policies keep all changes that are older than this.
    ///
    /// # Errors
    /// As [`Repo::prune`].
    pub fn prune_older(&self, than: Duration) -> Result<PruneReport> {
        self.prune_all(Some(self.inner.clock.now().saturating_sub(than)))
    }

    fn prune_all(&self, before: Option<Nanotime>) -> Result<PruneReport> {
        self.sweep()?;
        let all = rows::all(rows::HISTORY);
        let (mut start, mut report) = (all.start, PruneReport::default());
        loop {
            let (next, part) = self.attempt(|| {
                self.write(|transaction| {
                    let mut start = start.clone();
                    let mut part = PruneReport::default();
                    for _ in 0..BATCH {
                        let Some((kind, key)) = transaction.next_history(&start)? else {
                            return Ok((None, part));
                        };
                        transaction
                            .prune_object(&kind, &key, before, &mut part)
                            .map_err(|error| error.at(format_args!("the history of `{key}`")))?;
                        start = rows::history_of(&kind, key.as_encoded()).end;
                    }
                    Ok((Some(start), part))
                })
            })?;
            report.objects += part.objects;
            report.changes += part.changes;
            report.bytes += part.bytes;
            match next {
                Some(next) => start = next,
                None => return Ok(report),
            }
        }
    }
}

impl Transaction<'_> {
    /// The next object that has a history.
    fn next_history(&self, start: &[u8]) -> Result<Option<(String, Key)>> {
        let end = rows::all(rows::HISTORY).end;
        let mut cursor = self.snapshot.scan(Range::between(start, &end), Direction::Forward)?;
        let Some((row, _)) = cursor.next()? else { return Ok(None) };
        let (kind, key, _) =
            rows::split_history(row).ok_or_else(|| Error::corrupt("a row of the history is nobody's"))?;
        Ok(Some((kind.to_owned(), Key::from_encoded(key)?)))
    }

    fn prune_object(
        &mut self,
        kind: &str,
        key: &Key,
        before: Option<Nanotime>,
        report: &mut PruneReport,
    ) -> Result<()> {
        let history = self.writer.policies.of(kind).history;
        let now = self.repo.inner.clock.now();
        let cutoff = cutoff(history, now).max(before.unwrap_or(Nanotime::MIN));
        let most = match history {
            History::Last(most) => most as usize,
            _ => usize::MAX,
        };
        let mut runs = Runs::new(&*self.snapshot, kind, key)?;
        let (mut kept, mut is_pruned, mut writes) = (0, false, Vec::new());
        while let Some(mut run) = runs.next()? {
            let count = run.entries.len();
            let by_time = run.entries.partition_point(|entry| entry.time < cutoff);
            let by_count = count.saturating_sub(most.saturating_sub(kept));
            // Behind an entry that goes all older ones go.
            let drop = if is_pruned { count } else { by_time.max(by_count) };
            is_pruned |= drop > 0;
            kept += count - drop;
            let is_young = run.ends.is_none();
            if drop == 0 && !(is_young && count >= WORTH) {
                continue;
            }
            report.changes += drop as u64;
            gone(&run, &mut writes);
            if drop < count {
                run.drop_first(key, drop)?;
                let last = run.replay(key, run.entries.len(), |_, _, _| Ok(()))?.map(|last| last.hash());
                let says = run.ids.last().copied().or(run.ends.as_ref().map(id_of));
                let hash = last.filter(|hash| says == Some(id_of(hash)));
                let hash = hash.ok_or_else(|| Error::corrupt("a run does not lead to where it says"))?;
                writes.push((run.first, Some(block::encode(&run, &hash))));
            }
        }
        if writes.is_empty() {
            return Ok(());
        }
        report.objects += 1;
        let prefix = rows::history_of(kind, key.as_encoded()).start;
        let mut freed = 0i64;
        for (number, value) in writes {
            let row = rows::history(&prefix, number);
            match &value {
                Some(value) => freed -= (row.len() + value.len()) as i64,
                None => freed += self.snapshot.get(&row)?.map_or(0, |value| row.len() + value.len()) as i64,
            }
            self.history.rows.insert(row, value);
        }
        report.bytes += u64::try_from(freed).unwrap_or(0);
        Ok(())
    }
}

/// The rows of a run, to be taken away.
fn gone(run: &Run, writes: &mut Vec<(u64, Option<Vec<u8>>)>) {
    let rows = if run.ends.is_some() { 1 } else { run.entries.len() as u64 };
    writes.extend((0..rows).map(|row| (run.first.wrapping_add(row), None)));
}
