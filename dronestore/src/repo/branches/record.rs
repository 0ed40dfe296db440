//! The rows of branches: who a branch is, and the heads that it has of its own.
//!
//! ```text
//! `n`, 0, name                              → number: 4 bytes, id, actor, owner: 12 bytes each, created, written: 8 bytes each
//! `n`, 1, number: 4 bytes, kind, 0, key     → a head, as those of the repo are
//! ```

use crate::repo::rows::{self, BRANCHES};
use dronestore_core::bytes::Reader;
use dronestore_core::store::{Bytes, Direction, Range, Snapshot, prefix_end};
use dronestore_core::{ActorId, Error, ErrorKind, Key, Nanotime, Result};

/// How many bytes a name has at most.
const MOST_NAME: usize = 255;

/// Who a branch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// What the rows of its heads begin with; another branch may have it when this one is gone.
    pub(super) number: u32,
    /// The first actor that it had, which no other branch ever has.
    pub(super) id: ActorId,
    /// Who makes the dots of its writes.
    pub(super) actor: ActorId,
    /// Who the repo was when that actor was drawn: where it is another by now, the file may be a copy.
    pub(super) owner: ActorId,
    pub(super) created: Nanotime,
    pub(super) written: Nanotime,
}

impl Record {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = self.number.to_be_bytes().to_vec();
        for actor in [self.id, self.actor, self.owner] {
            out.extend_from_slice(actor.as_bytes());
        }
        for time in [self.created, self.written] {
            out.extend_from_slice(&time.as_nanos().to_be_bytes());
        }
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Record> {
        let mut reader = Reader::new(bytes);
        let record = Record {
            number: u32::from_be_bytes(reader.array()?),
            id: ActorId::from_bytes(reader.array()?),
            actor: ActorId::from_bytes(reader.array()?),
            owner: ActorId::from_bytes(reader.array()?),
            created: Nanotime::from_nanos(u64::from_be_bytes(reader.array()?)),
            written: Nanotime::from_nanos(u64::from_be_bytes(reader.array()?)),
        };
        match reader.is_empty() {
            true => Ok(record),
            false => Err(Error::corrupt("the record of a branch is longer than it should be")),
        }
    }

    /// What the rows of its heads begin with.
    pub(super) fn prefix(&self) -> Vec<u8> {
        [&[BRANCHES, 1][..], &self.number.to_be_bytes()].concat()
    }
}

/// The row of a branch of this name.
pub(super) fn row_of(name: &str) -> Vec<u8> {
    [&[BRANCHES, 0], name.as_bytes()].concat()
}

/// The row that a branch has in place of this row of a head.
pub(super) fn apart(prefix: &[u8], head: &[u8]) -> Vec<u8> {
    [prefix, head.get(1..).unwrap_or_default()].concat()
}

/// The row of the repo's head in whose place a branch has one.
pub(super) fn head_of(prefix: &[u8], row: &[u8]) -> Vec<u8> {
    [&[rows::HEADS], row.get(prefix.len()..).unwrap_or_default()].concat()
}

/// A head that a branch has of its own, not yet read.
pub(super) struct Touched {
    /// Its own row.
    pub(super) row: Vec<u8>,
    /// That of the repo's head.
    pub(super) head: Vec<u8>,
    pub(super) kind: String,
    pub(super) key: Key,
    pub(super) bytes: Bytes,
}

/// All heads that a branch has of its own, in the order of their rows.
///
/// Cost: one pass over them and nothing else.
pub(super) fn touched(record: &Record, snapshot: &dyn Snapshot) -> Result<Vec<Touched>> {
    let prefix = record.prefix();
    let mut found = Vec::new();
    each(snapshot, &prefix, |row, value| {
        let head = head_of(&prefix, row);
        let (kind, key) =
            rows::split_head(&head).ok_or_else(|| Error::corrupt("a row of a branch has no kind"))?;
        let (kind, key) = (kind.to_owned(), Key::from_encoded(key)?);
        found.push(Touched { row: row.to_vec(), head, kind, key, bytes: value.into() });
        Ok(())
    })?;
    Ok(found)
}

/// The branch of this name.
pub(super) fn read(name: &str, snapshot: &dyn Snapshot) -> Result<Option<Record>> {
    snapshot.get(&row_of(name))?.map(|bytes| Record::decode(&bytes)).transpose()
}

/// All branches, in the order of their names.
pub(super) fn all(snapshot: &dyn Snapshot) -> Result<Vec<(String, Record)>> {
    let mut found = Vec::new();
    each(snapshot, &[BRANCHES, 0], |row, value| {
        let name = std::str::from_utf8(&row[2..]);
        let name =
            name.map_err(|error| Error::corrupt("the name of a branch is not UTF-8").with_source(error))?;
        found.push((name.to_owned(), Record::decode(value)?));
        Ok(())
    })?;
    Ok(found)
}

/// Calls this with each row that begins so.
pub(super) fn each(
    snapshot: &dyn Snapshot,
    prefix: &[u8],
    mut work: impl FnMut(&[u8], &[u8]) -> Result<()>,
) -> Result<()> {
    let end = prefix_end(prefix);
    let mut cursor = snapshot.scan(Range::prefix(prefix, end.as_deref()), Direction::Forward)?;
    while let Some((row, value)) = cursor.next()? {
        work(row, value)?;
    }
    Ok(())
}

/// Refuses what is no name of a branch.
pub(super) fn check_name(name: &str) -> Result<()> {
    let message = match name {
        "" => "a branch needs a name".to_owned(),
        _ if name.len() > MOST_NAME => {
            format!("{} is too long for the name of a branch: {MOST_NAME} bytes at most", shown(name))
        }
        _ if name.chars().any(char::is_control) => {
            format!("{} has a control character: no name of a branch has one", shown(name))
        }
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::InvalidValue, message))
}

/// That there is no such branch.
pub(super) fn missing(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no branch {}", shown(name)))
}

/// A name as messages show it: on one line, and not too long.
fn shown(name: &str) -> String {
    let short: String = name.chars().take(80).collect();
    format!("`{}`", short.escape_debug())
}
