//! The change log as ids alone: which version of which object gave way to which, without shapes, attributes and keys
//! that are read.

use super::changes::{last_row, row_meta, sequence_of};
use super::{Meta, rows};
use dronestore_core::bytes::Reader;
use dronestore_core::store::{Cursor, Direction, Range, Snapshot};
use dronestore_core::{Error, Result};

/// One change, as it stands in a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moved<'a> {
    pub(crate) kind: &'a str,
    /// The key, encoded.
    pub(crate) key: &'a [u8],
    /// The first 8 bytes of the hash of the version before.
    pub(crate) old: Option<[u8; 8]>,
    /// Those of the version after.
    pub(crate) new: [u8; 8],
}

/// Looks at the changes of a row in their order.
pub(crate) fn each_moved(row: &[u8], mut look: impl FnMut(Moved<'_>)) -> Result<()> {
    let mut reader = Reader::new(row);
    if reader.byte()? == 1 {
        Meta::decode(&mut reader)?;
    }
    let mut kinds: Vec<&str> = Vec::new();
    while !reader.is_empty() {
        let kind = match reader.length()? {
            0 => {
                kinds.push(reader.text()?);
                kinds.last()
            }
            index => kinds.get(index - 1),
        };
        let kind = *kind.ok_or_else(|| Error::corrupt("a change names no kind of its row"))?;
        let (key, old, new) = (reader.slice()?, reader.array()?, reader.array()?);
        reader.varint()?;
        reader.varint()?;
        look(Moved { kind, key, old: Some(old).filter(|old| *old != [0; 8]), new });
    }
    Ok(())
}

/// Where a log ends: the sequence of its last row, the row, and the totals that it carries.
pub(crate) struct End {
    pub(crate) sequence: u64,
    pub(crate) row: Vec<u8>,
    pub(crate) meta: Meta,
}

pub(crate) fn end_of_log(snapshot: &dyn Snapshot) -> Result<End> {
    let (sequence, row) = last_row(snapshot)?;
    let missing = || Error::corrupt("the last row of the change log has no totals");
    let meta = row_meta(&row)?.ok_or_else(missing)?;
    Ok(End { sequence, row, meta })
}

/// The rows of the log from a sequence on, in this order.
pub(crate) struct LogRows(Box<dyn Cursor>);

impl LogRows {
    pub(crate) fn new(snapshot: &dyn Snapshot, from: u64, direction: Direction) -> Result<LogRows> {
        let (start, end) = (rows::log(from), rows::all(rows::LOG).end);
        snapshot.scan(Range::between(&start, &end), direction).map(LogRows)
    }

    /// The next row, with its sequence.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, &[u8])>> {
        let Some((key, row)) = self.0.next()? else { return Ok(None) };
        let missing = || Error::corrupt("a row of the change log has no sequence");
        Ok(Some((sequence_of(key).ok_or_else(missing)?, row)))
    }
}
