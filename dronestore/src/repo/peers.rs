//! Peers: what this repo remembers of those it has synced with.
//!
//! ```text
//! `p`, actor, nothing or 16 bytes for a scope → sequence (8 bytes, big endian), digest (16 bytes)
//! ```
//!
//! When both held what the digest says, the log was about to get the row of this sequence: what has changed here since
//! is in the log from there on.

use super::changes::row_meta;
use super::{Meta, Repo, View, rows};
use dronestore_core::bytes::Reader;
use dronestore_core::{ActorId, ErrorKind, Nanotime, Result};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// How many are remembered; who comes later is met like a stranger each time.
const MOST: usize = 4096;

/// What is remembered of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) sequence: u64,
    pub(crate) digest: [u8; 16],
}

/// What has changed here since a point of the log, by the rows of the heads.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    pub(crate) ways: BTreeMap<Vec<u8>, Way>,
    /// The largest stamp that the clock had given then.
    pub(crate) time: Nanotime,
}

/// How a head has come from what it was then.
#[derive(Debug)]
pub(crate) struct Way {
    /// The first bytes of the hash that it had; `None` where there was no object.
    pub(crate) old: Option<[u8; 8]>,
    /// The attributes that were written since; `None` where it may be any.
    pub(crate) attributes: Option<BTreeSet<String>>,
    /// In how many batches.
    pub(crate) steps: u64,
}

impl Way {
    fn go_on(&mut self, written: Option<Vec<String>>) {
        self.steps += 1;
        match (&mut self.attributes, written) {
            (Some(attributes), Some(written)) => attributes.extend(written),
            (attributes, _) => *attributes = None,
        }
    }
}

impl Repo {
    /// Remembers that a peer holds what this repo holds now, in a scope, if that still is what the digest says: by the totals and the
    /// length of the log.
    pub(crate) fn remember(
        &self,
        (peer, scope): (&ActorId, &[u8]),
        digest: [u8; 16],
        is_still: impl Fn(&Meta, u64) -> bool,
    ) -> Result<()> {
        let row = rows::peer(peer, scope);
        self.attempt(|| {
            self.write(|transaction| {
                let known = transaction.snapshot.get(&row)?;
                let is_known = known.as_ref().is_some_and(|known| known.ends_with(&digest));
                if is_known || !is_still(&transaction.writer.meta, transaction.writer.next_row) {
                    return Ok(());
                }
                if known.is_none() && rows::count(&*transaction.snapshot, rows::PEERS, MOST)? == MOST {
                    return Ok(());
                }
                let mut value = transaction.writer.next_row.to_be_bytes().to_vec();
                value.extend_from_slice(&digest);
                transaction.extra.insert(row.clone(), value);
                Ok(())
            })
        })
    }

    /// What is remembered of a peer.
    pub(crate) fn remembered(
        &self,
        (peer, scope): (&ActorId, &[u8]),
        view: &View,
    ) -> Result<Option<Remembered>> {
        let Some(bytes) = view.snapshot.get(&rows::peer(peer, scope))? else { return Ok(None) };
        let mut reader = Reader::new(&bytes);
        let sequence = u64::from_be_bytes(reader.array()?);
        Ok(Some(Remembered { sequence, digest: reader.array()? }))
    }

    /// The heads that have changed since then; `None` where there are more than `most`, or the log does not go back that
    /// far.
    pub(crate) fn changed_since(&self, since: u64, most: usize) -> Result<Option<Changed>> {
        let changes = match self.changes_from(since) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            changes => changes?,
        };
        let mut changed = Changed { ways: BTreeMap::new(), time: self.time_at(since)? };
        for change in changes {
            let change = change?;
            // What only reads otherwise has not changed.
            if change.old == Some(change.new) {
                continue;
            }
            match changed.ways.entry(rows::head(&change.kind, &change.key)) {
                Entry::Vacant(way) => {
                    let attributes = change.attributes.map(BTreeSet::from_iter);
                    way.insert(Way { old: change.old, attributes, steps: 1 });
                }
                Entry::Occupied(mut way) => way.get_mut().go_on(change.attributes),
            }
            if changed.ways.len() > most {
                return Ok(None);
            }
        }
        Ok(Some(changed))
    }

    /// The largest stamp that the clock had given when the log got this row; the least there is where it is not known.
    fn time_at(&self, sequence: u64) -> Result<Nanotime> {
        let row = self.inner.store.snapshot()?.get(&rows::log(sequence))?;
        let meta = row.map(|row| row_meta(&row)).transpose()?.flatten();
        Ok(meta.map_or(Nanotime::MIN, |meta| meta.time))
    }
}
