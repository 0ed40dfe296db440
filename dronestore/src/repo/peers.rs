//! Peers: what this repo remembers of those it has synced with.
//!
//! ```text
//! `p`, actor → sequence (8 bytes, big endian), digest (16 bytes)
//! ```
//!
//! When both held what the digest says, the log was about to get the row of this sequence: what has changed here since
//! is in the log from there on.

use super::{Meta, Repo, View, rows};
use dronestore_core::bytes::Reader;
use dronestore_core::{ActorId, ErrorKind, Result};
use std::collections::BTreeSet;

/// How many are remembered; who comes later is met like a stranger each time.
const MOST: usize = 4096;

/// What is remembered of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) sequence: u64,
    pub(crate) digest: [u8; 16],
}

impl Repo {
    /// Remembers that a peer holds what this repo holds now, if that still is what the digest says.
    pub(crate) fn remember(
        &self,
        peer: &ActorId,
        digest: [u8; 16],
        digest_of: impl Fn(&Meta) -> [u8; 16],
    ) -> Result<()> {
        let row = rows::peer(peer);
        self.attempt(|| {
            self.write(|transaction| {
                let known = transaction.snapshot.get(&row)?;
                let is_known = known.as_ref().is_some_and(|known| known.ends_with(&digest));
                if is_known || digest_of(&transaction.writer.meta) != digest {
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
    pub(crate) fn remembered(&self, peer: &ActorId, view: &View) -> Result<Option<Remembered>> {
        let Some(bytes) = view.snapshot.get(&rows::peer(peer))? else { return Ok(None) };
        let mut reader = Reader::new(&bytes);
        let sequence = u64::from_be_bytes(reader.array()?);
        Ok(Some(Remembered { sequence, digest: reader.array()? }))
    }

    /// The rows of the heads that have changed since then, in their order; `None` where there are more than `most`, or
    /// the log does not go back that far.
    pub(crate) fn changed_rows(&self, since: u64, most: usize) -> Result<Option<BTreeSet<Vec<u8>>>> {
        let changes = match self.changes_from(since) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            changes => changes?,
        };
        let mut changed = BTreeSet::new();
        for change in changes {
            let change = change?;
            // What only reads otherwise has not changed.
            if change.old != Some(change.new) {
                changed.insert(rows::head(&change.kind, &change.key));
            }
            if changed.len() > most {
                return Ok(None);
            }
        }
        Ok(Some(changed))
    }
}
