//! Sweeping: takes away what is there of kinds that keep no history.

use crate::repo::{Repo, rows};
use dronestore_core::Result;
use dronestore_core::store::{Direction, Range};

/// How many rows go in one batch.
const BATCH: usize = 4096;

impl Repo {
    /// Takes away the history of kinds that keep none; gives how many rows went.
    pub(super) fn sweep(&self) -> Result<u64> {
        let mut swept = 0;
        loop {
            let went = self.attempt(|| {
                self.write(|transaction| {
                    let policies = transaction.writer.policies.clone();
                    let all = rows::all(rows::HISTORY);
                    let mut start = all.start.clone();
                    let mut gone = Vec::new();
                    'kinds: loop {
                        let range = Range::between(&start, &all.end);
                        let mut cursor = transaction.snapshot.scan(range, Direction::Forward)?;
                        let Some((row, _)) = cursor.next()? else { break };
                        let kind = rows::kind_of_history(row);
                        let keeps = kind.is_none_or(|kind| !policies.of(kind).history.is_head());
                        let of_kind = kind.map_or_else(|| all.clone(), rows::history_of_kind);
                        if keeps {
                            start = of_kind.end;
                            continue;
                        }
                        let range = Range::between(&of_kind.start, &of_kind.end);
                        let mut cursor = transaction.snapshot.scan(range, Direction::Forward)?;
                        while let Some((row, _)) = cursor.next()? {
                            gone.push(row.to_vec());
                            if gone.len() == BATCH {
                                break 'kinds;
                            }
                        }
                        start = of_kind.end;
                    }
                    let went = gone.len();
                    transaction.history.rows.extend(gone.into_iter().map(|row| (row, None)));
                    Ok(went)
                })
            })?;
            swept += went as u64;
            if went < BATCH {
                return Ok(swept);
            }
        }
    }
}
