//! The keys of objects that rows of indexes name.

use super::choose::Groups;
use crate::repo::index::Entry;
use crate::repo::view::View;
use dronestore_core::query::index::RESIDUE;
use dronestore_core::store::{Cursor, Direction, Range};
use dronestore_core::{Key, Result};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::sync::Arc;

/// How many keys are put in order at most; of more a walk over the heads, which are in order, is no slower.
const MOST: usize = 1 << 16;

/// A walk over encoded keys.
pub(super) enum Keys {
    /// Of several runs in order, the least first, each once.
    Merged { runs: Vec<Run>, heads: BinaryHeap<Reverse<(Vec<u8>, usize)>>, last: Option<Vec<u8>> },
    /// Put in order.
    Listed(std::vec::IntoIter<Vec<u8>>),
    /// As they come.
    Streamed { runs: Vec<Run>, seen: Option<HashSet<Vec<u8>>> },
}

/// Rows that lie together.
pub(super) struct Run {
    entry: Arc<Entry>,
    cursor: Box<dyn Cursor>,
    /// Where the keys begin, where that is the same in all rows.
    key: Option<usize>,
}

impl Run {
    fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let Some((row, _)) = self.cursor.next()? else { return Ok(None) };
        let key = match self.key {
            Some(start) => row.get(start..).unwrap_or_default(),
            None => self.entry.key_of(row)?,
        };
        Ok(Some(key.to_vec()))
    }
}

impl Keys {
    /// The keys that these rows name, in order or as they come; those behind `after` alone. `None` where there are too many to
    /// be put in order.
    pub(super) fn new(
        groups: &Groups,
        view: &View,
        is_in_order: bool,
        after: Option<&Key>,
    ) -> Result<Option<Keys>> {
        let (mut runs, mut may_repeat) = (Vec::new(), groups.len() > 1);
        for (entry, sources) in groups {
            may_repeat |= sources.may_repeat;
            for source in &sources.list {
                runs.push(run(entry, view, (&source.from, &source.to), source.is_by_key, after)?);
            }
            if entry.has_residue {
                runs.push(run(entry, view, (&[RESIDUE], &[RESIDUE + 1]), true, after)?);
            }
        }
        if runs.iter().all(|run| run.key.is_some()) {
            let mut heads = BinaryHeap::with_capacity(runs.len());
            for (index, run) in runs.iter_mut().enumerate() {
                heads.extend(run.next()?.map(|key| Reverse((key, index))));
            }
            return Ok(Some(Keys::Merged { runs, heads, last: None }));
        }
        if !is_in_order {
            return Ok(Some(Keys::Streamed { runs, seen: may_repeat.then(HashSet::new) }));
        }
        let mut keys = Vec::new();
        for mut run in runs {
            while let Some(key) = run.next()? {
                if after.is_some_and(|after| key[..] <= *after.as_encoded()) {
                    continue;
                }
                keys.push(key);
                if keys.len() > MOST {
                    return Ok(None);
                }
            }
        }
        keys.sort_unstable();
        keys.dedup();
        Ok(Some(Keys::Listed(keys.into_iter())))
    }

    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>> {
        match self {
            Keys::Listed(keys) => Ok(keys.next()),
            Keys::Merged { runs, heads, last } => loop {
                let Some(Reverse((key, index))) = heads.pop() else { return Ok(None) };
                heads.extend(runs[index].next()?.map(|key| Reverse((key, index))));
                if runs.len() == 1 || last.as_ref() != Some(&key) {
                    if runs.len() > 1 {
                        *last = Some(key.clone());
                    }
                    return Ok(Some(key));
                }
            },
            Keys::Streamed { runs, seen } => {
                while let Some(run) = runs.last_mut() {
                    match run.next()? {
                        None => drop(runs.pop()),
                        Some(key) => {
                            if seen.as_mut().is_none_or(|seen| seen.insert(key.clone())) {
                                return Ok(Some(key));
                            }
                        }
                    }
                }
                Ok(None)
            }
        }
    }
}

fn run(
    entry: &Arc<Entry>,
    view: &View,
    (from, to): (&[u8], &[u8]),
    is_by_key: bool,
    after: Option<&Key>,
) -> Result<Run> {
    let mut start = [&entry.prefix[..], from].concat();
    let end = [&entry.prefix[..], to].concat();
    let key = is_by_key.then_some(start.len());
    if let Some(after) = after.filter(|_| is_by_key) {
        // No key begins with the byte 0, and none is the beginning of another but of those below it.
        start.extend_from_slice(after.as_encoded());
        start.push(0);
    }
    let cursor = view.snapshot.scan(Range::between(&start, &end), Direction::Forward)?;
    Ok(Run { entry: entry.clone(), cursor, key })
}
