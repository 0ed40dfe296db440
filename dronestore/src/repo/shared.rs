//! Shared folders: what this repo remembers of those it publishes to and reads from.
//!
//! ```text
//! `b`, 0, actor, incarnation → held: 16 bytes, (first, last)*                          what was read of a writer
//! `b`, 1, actor, incarnation → number, mark: 24 bytes, schemas: 16 bytes, (start, end)*    what was published
//! ```
//!
//! Losing a row costs reading or publishing something again, and nothing else.

use super::changes::each_change;
use super::follow::{Followed, follow_rows};
use super::{Repo, View, rows};
use dronestore_core::bytes::{Reader, put_varint};
use dronestore_core::{ActorId, Error, Result};
use std::collections::BTreeSet;

/// Who writes into a shared folder: an actor, and which of its lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct WriterId {
    pub(crate) actor: ActorId,
    pub(crate) incarnation: [u8; 8],
}

/// How many spans are kept of one writer; what is beyond is read again.
const MOST_SPANS: usize = 64;

/// Numbers, as spans that neither meet nor touch, ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spans(Vec<(u64, u64)>);

impl Spans {
    /// Adds the numbers from the first to the last.
    pub(crate) fn add(&mut self, first: u64, last: u64) {
        let mut span = (first, last);
        self.0.retain(|other| {
            let meets = other.0 <= span.1.saturating_add(1) && span.0 <= other.1.saturating_add(1);
            if meets {
                span = (span.0.min(other.0), span.1.max(other.1));
            }
            !meets
        });
        let at = self.0.partition_point(|other| other.0 < span.0);
        self.0.insert(at, span);
        self.0.truncate(MOST_SPANS);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds all of another's.
    pub(crate) fn join(&mut self, other: &Spans) {
        other.0.iter().for_each(|(first, last)| self.add(*first, *last));
    }

    /// Whether all of these numbers are in it.
    pub(crate) fn has(&self, first: u64, last: u64) -> bool {
        self.0.iter().any(|span| span.0 <= first && last <= span.1)
    }

    /// Takes the span off that has this number, and gives its last.
    pub(crate) fn take_at(&mut self, number: u64) -> Option<u64> {
        let at = self.0.iter().position(|span| span.0 <= number && number <= span.1)?;
        Some(self.0.remove(at).1)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        for (first, last) in &self.0 {
            put_varint(out, *first);
            put_varint(out, *last);
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Spans> {
        let mut spans = Spans::default();
        while !reader.is_empty() {
            let (first, last) = (reader.varint()?, reader.varint()?);
            if first > last || spans.0.last().is_some_and(|before| before.1 >= first) {
                return Err(Error::corrupt("what is remembered of a shared folder is not in order"));
            }
            spans.0.push((first, last));
        }
        Ok(spans)
    }
}

/// What was read of a writer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReadSoFar {
    /// The numbers of its publications.
    pub(crate) spans: Spans,
    /// The digest of what it held with the last of them.
    pub(crate) held: [u8; 16],
}

/// What was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Published {
    /// The number of the last publication.
    pub(crate) number: u64,
    /// Up to which row of the change log.
    pub(crate) mark: [u8; 24],
    /// A fingerprint of the schemas.
    pub(crate) schemas: [u8; 16],
    /// Rows of the change log behind it that came from the folder itself.
    pub(crate) clean: Spans,
}

const READ: u8 = 0;
const PUBLISHED: u8 = 1;

fn row(what: u8, writer: &WriterId) -> Vec<u8> {
    [&[rows::SHARED, what][..], writer.actor.as_bytes(), &writer.incarnation].concat()
}

/// A row to remember.
pub(crate) type Memory = (Vec<u8>, Vec<u8>);

impl ReadSoFar {
    pub(crate) fn to_row(&self, writer: &WriterId) -> Memory {
        let mut value = self.held.to_vec();
        self.spans.encode(&mut value);
        (row(READ, writer), value)
    }
}

impl Published {
    pub(crate) fn to_row(&self, writer: &WriterId) -> Memory {
        let mut value = Vec::new();
        put_varint(&mut value, self.number);
        value.extend_from_slice(&self.mark);
        value.extend_from_slice(&self.schemas);
        self.clean.encode(&mut value);
        (row(PUBLISHED, writer), value)
    }
}

fn decode_read(bytes: &[u8]) -> Result<ReadSoFar> {
    let mut reader = Reader::new(bytes);
    let held = reader.array()?;
    Ok(ReadSoFar { held, spans: Spans::decode(&mut reader)? })
}

fn decode_published(bytes: &[u8]) -> Result<Published> {
    let mut reader = Reader::new(bytes);
    let (number, mark, schemas) = (reader.varint()?, reader.array()?, reader.array()?);
    Ok(Published { number, mark, schemas, clean: Spans::decode(&mut reader)? })
}

/// Whether a row that is remembered is one of these.
pub(crate) fn check_row(key: &[u8], value: &[u8]) -> Result<()> {
    match (key.get(1), key.len()) {
        (Some(&READ), 22) => decode_read(value).map(|_| ()),
        (Some(&PUBLISHED), 22) => decode_published(value).map(|_| ()),
        _ => Err(Error::corrupt("what is remembered of a shared folder is damaged")),
    }
}

impl View {
    /// What was read of a writer.
    pub(crate) fn read_of(&self, writer: &WriterId) -> Result<ReadSoFar> {
        let bytes = self.snapshot.get(&row(READ, writer))?;
        bytes.map_or(Ok(ReadSoFar::default()), |bytes| decode_read(&bytes))
    }

    /// What was published as a writer.
    pub(crate) fn published_by(&self, writer: &WriterId) -> Result<Option<Published>> {
        self.snapshot.get(&row(PUBLISHED, writer))?.map(|bytes| decode_published(&bytes)).transpose()
    }

    /// The mark of a row of the change log, where it is still there.
    pub(crate) fn mark_at(&self, sequence: u64) -> Result<Option<[u8; 24]>> {
        let row = self.snapshot.get(&rows::log(sequence))?;
        Ok(row.and_then(|row| super::open::mark_of(sequence, &row).first_chunk().copied()))
    }
}

impl Repo {
    /// Writes down what is to be remembered.
    pub(crate) fn remember_rows(&self, memories: &[Memory]) -> Result<()> {
        self.attempt(|| {
            self.write(|transaction| {
                for (row, value) in memories {
                    if transaction.snapshot.get(row)?.as_deref() != Some(value) {
                        transaction.extra.insert(row.clone(), value.clone());
                    }
                }
                Ok(())
            })
        })
    }

    /// The rows of the heads that have changed from this row of the change log on, but for changes in these rows of it;
    /// `None` where there are more than `most`, or the log does not go back that far.
    pub(crate) fn changed_outside(
        &self,
        since: u64,
        clean: &Spans,
        most: usize,
    ) -> Result<Option<BTreeSet<Vec<u8>>>> {
        let mut changed = BTreeSet::new();
        let followed = follow_rows(&*self.inner.store.snapshot()?, since, |sequence, row| {
            each_change(row, |change| {
                if !clean.has(sequence, sequence) && change.old != Some(change.new) {
                    changed.insert(rows::head_of(change.kind, change.key));
                }
                Ok(())
            })?;
            Ok(changed.len() <= most)
        })?;
        Ok(matches!(followed, Followed::End(_)).then_some(changed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_grow_together_in_any_order() {
        let mut spans = Spans::default();
        for (first, last) in [(5, 5), (1, 1), (9, 12), (2, 4), (8, 8), (3, 3)] {
            spans.add(first, last);
        }
        assert_eq!(spans.0, [(1, 5), (8, 12)]);
        assert!(spans.has(1, 5) && spans.has(9, 12) && !spans.has(5, 8) && !spans.has(7, 7));
        let mut bytes = Vec::new();
        spans.encode(&mut bytes);
        assert_eq!(Spans::decode(&mut Reader::new(&bytes)).unwrap(), spans);
        assert_eq!((spans.take_at(9), spans.take_at(6)), (Some(12), None));
    }
}
