//! Peers: what this repo remembers of those it has synced with.
//!
//! ```text
//! `p`, actor, nothing or 16 bytes for a scope
//!           → sequence (8 bytes, big endian), digest (16 bytes)                        as it was before there were records
//!           | 1, count, point*, record
//! point     := sequence (8 bytes, big endian), digest (16 bytes)                       the newest first, two at most
//! record    := first met, last met, in sync at (8 bytes each, big endian; 0: never),
//!              sessions, bytes in, bytes out, versions in, versions out, sized address
//! ```
//!
//! When both held what the digest of a point says, the log was about to get the row of its sequence: what has changed here
//! since is in the log from there on. Of two points the other side surely has one, wherever a meeting was cut.

use super::changes::{Attributes, each_change, row_meta};
use super::follow::{Followed, follow_rows};
use super::meetings::Record;
use super::{Repo, View, rows};
use dronestore_core::bytes::Reader;
use dronestore_core::store::Snapshot;
use dronestore_core::{ActorId, Error, Nanotime, Result};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// How many are remembered; who comes later is met like a stranger each time.
const MOST: usize = 4096;
/// The version of a row.
const FORMAT: u8 = 1;
/// How many points are kept.
const POINTS: usize = 2;

/// Where both held the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Remembered {
    pub(crate) sequence: u64,
    pub(crate) digest: [u8; 16],
}

/// What a row says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PeerRow {
    pub(crate) points: Vec<Remembered>,
    pub(crate) record: Record,
}

impl PeerRow {
    pub(crate) fn decode(bytes: &[u8]) -> Result<PeerRow> {
        let mut reader = Reader::new(bytes);
        // No log has so many rows that its sequence would begin with another byte.
        let is_old = bytes.first() == Some(&0);
        let count = match is_old {
            true => 1,
            false if reader.byte()? == FORMAT => reader.length()?,
            false => return Err(Error::corrupt("what is remembered of a peer is of a later version")),
        };
        if count > POINTS {
            return Err(Error::corrupt("more is remembered of a peer than there is"));
        }
        let mut row = PeerRow::default();
        for _ in 0..count {
            let sequence = u64::from_be_bytes(reader.array()?);
            row.points.push(Remembered { sequence, digest: reader.array()? });
        }
        if !is_old {
            row.record = Record::decode(&mut reader)?;
        }
        match reader.is_empty() {
            true => Ok(row),
            false => Err(Error::corrupt("what is remembered of a peer is longer than it says")),
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = vec![FORMAT, self.points.len() as u8];
        for point in &self.points {
            out.extend_from_slice(&point.sequence.to_be_bytes());
            out.extend_from_slice(&point.digest);
        }
        self.record.encode(&mut out);
        out
    }

    fn add_point(&mut self, point: Remembered) {
        self.points.retain(|known| known.digest != point.digest);
        self.points.insert(0, point);
        self.points.truncate(POINTS);
    }
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
    pub(crate) written: Option<Attributes>,
    /// In how many batches.
    pub(crate) steps: u64,
}

impl Way {
    fn go_on(&mut self, written: Option<Attributes>) {
        self.steps += 1;
        self.written = match (self.written.take(), written) {
            (Some(earlier), Some(later)) => earlier.and(later),
            _ => None,
        };
    }
}

impl Repo {
    /// Remembers a point at which a peer held what this repo held in a scope, with what has passed between them since the
    /// last time this was written. Nothing is written where the point is known.
    pub(crate) fn remember(&self, (peer, scope): (&ActorId, &[u8]), point: Remembered) -> Result<()> {
        let key = rows::peer(peer, scope);
        let unwritten = self.take_unwritten(peer);
        let result = self.attempt(|| {
            self.write(|transaction| {
                let known = transaction.snapshot.get(&key)?;
                let mut row = known.as_deref().map(PeerRow::decode).transpose()?.unwrap_or_default();
                if row.points.first().is_some_and(|known| known.digest == point.digest) {
                    return Ok(false);
                }
                if known.is_none() && rows::count(&*transaction.snapshot, rows::PEERS, MOST)? == MOST {
                    return Ok(false);
                }
                row.add_point(point);
                row.record.add(&unwritten);
                transaction.extra.insert(key.clone(), row.encode());
                Ok(true)
            })
        });
        if !matches!(result, Ok(true)) {
            self.put_back(peer, &unwritten);
        }
        result.map(drop)
    }

    /// The points that are remembered of a peer, the newest first.
    pub(crate) fn remembered(
        &self,
        (peer, scope): (&ActorId, &[u8]),
        view: &View,
    ) -> Result<Vec<Remembered>> {
        let Some(bytes) = view.snapshot.get(&rows::peer(peer, scope))? else { return Ok(Vec::new()) };
        Ok(PeerRow::decode(&bytes)?.points)
    }

    /// The heads that have changed since then; `None` where there are more than `most`, or the log does not go back that
    /// far.
    pub(crate) fn changed_since(&self, since: u64, most: usize) -> Result<Option<Changed>> {
        let snapshot = &*self.inner.store.snapshot()?;
        let mut changed = Changed { ways: BTreeMap::new(), time: time_at(snapshot, since)? };
        let followed = follow_rows(snapshot, since, |_, row| {
            each_change(row, |change| {
                // What only reads otherwise has not changed.
                if change.old == Some(change.new) {
                    return Ok(());
                }
                let written = change.written(&self.inner.shapes, snapshot)?;
                match changed.ways.entry(rows::head_of(change.kind, change.key)) {
                    Entry::Vacant(way) => drop(way.insert(Way { old: change.old, written, steps: 1 })),
                    Entry::Occupied(mut way) => way.get_mut().go_on(written),
                }
                Ok(())
            })?;
            Ok(changed.ways.len() <= most)
        })?;
        Ok(matches!(followed, Followed::End(_)).then_some(changed))
    }
}

/// The largest stamp that the clock had given when the log got this row; the least there is where it is not known.
fn time_at(snapshot: &dyn Snapshot, sequence: u64) -> Result<Nanotime> {
    let row = snapshot.get(&rows::log(sequence))?;
    let meta = row.map(|row| row_meta(&row)).transpose()?.flatten();
    Ok(meta.map_or(Nanotime::MIN, |meta| meta.time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_before_are_read_and_no_row_is_read_wrong() {
        let mut old = 7u64.to_be_bytes().to_vec();
        old.extend_from_slice(&[9; 16]);
        let mut row = PeerRow::decode(&old).unwrap();
        assert_eq!(row.points, [Remembered { sequence: 7, digest: [9; 16] }]);
        row.record.address = Some("tcp://there:1".into());
        row.record.bytes_in = 300;
        for digest in [[1; 16], [2; 16], [1; 16]] {
            row.add_point(Remembered { sequence: 9, digest });
        }
        assert_eq!(row.points.iter().map(|point| point.digest[0]).collect::<Vec<_>>(), [1, 2]);
        let bytes = row.encode();
        assert_eq!(PeerRow::decode(&bytes).unwrap(), row);
        for end in 0..bytes.len() {
            assert!(PeerRow::decode(&bytes[..end]).is_err(), "{end}");
        }
        assert!(PeerRow::decode(&[&bytes[..], &[0]].concat()).is_err());
        assert!(PeerRow::decode(&[2, 0]).is_err() && PeerRow::decode(&old[1..]).is_err());
    }
}
