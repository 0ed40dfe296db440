//! The change log: what each batch did, appended, packed some hundred changes a row.
//!
//! ```text
//! row    := 1, meta, change*  |  0, change*        the last row of a batch carries the totals
//! change := kind, size, key, old id, new id, shape number, mask
//! kind   := 0, size, text  |  n                    the n-th kind named in this row
//! mask   := varint: 1 everything, else bit n + 1 for the attribute n of the new shape, and bit 63 where it is more than
//!           one commit on the old version
//! ```
//!
//! Ids are the first 8 bytes of a version's hash, zero for none. Rows are never deleted one by one: when the log
//! has grown long its older half goes in one batch.

use super::meta::Meta;
use super::shapes::Shapes;
use super::{Repo, rows};
use dronestore_core::bytes::{Reader, put_slice, put_varint};
use dronestore_core::store::{Cursor, Direction, Range, Snapshot};
use dronestore_core::version::Shape;
use dronestore_core::{Error, Hash, Key, Result};
use std::sync::Arc;

/// A row is ended when it is longer than this many bytes.
const ROW_BYTES: usize = 8 << 10;
/// How many rows the log may have, and how many go when it has more.
pub(crate) const MAX_ROWS: u64 = 4096;
pub(crate) const TRIMMED_ROWS: u64 = 2048;

/// The id of a version in the log.
type ChangeId = [u8; 8];

fn id(hash: Option<&Hash>) -> ChangeId {
    let mut id = ChangeId::default();
    if let Some(hash) = hash {
        id.copy_from_slice(&hash.as_bytes()[..8]);
    }
    id
}

/// One change of one object, as the log tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The row of the log; all changes of one batch stand in rows that follow one another.
    pub sequence: u64,
    /// The object's key.
    pub key: Key,
    /// The object's kind.
    pub kind: String,
    /// The first 8 bytes of the hash of the version before; `None` for a new object, and those of `new` where a
    /// decision about a conflict came in: the object has not changed and reads otherwise.
    pub old: Option<[u8; 8]>,
    /// The first 8 bytes of the hash of the version that came of it.
    pub new: [u8; 8],
    /// The attributes that were written; `None` where it may be any.
    pub attributes: Option<Vec<String>>,
    /// Whether it is one commit made on the version before, as far as that is known.
    pub is_commit: bool,
}

/// One change as a row of the log holds it.
pub(crate) struct Logged<'r> {
    pub(crate) kind: &'r str,
    /// The key, encoded; nobody has looked at it yet.
    pub(crate) key: &'r [u8],
    pub(crate) old: Option<ChangeId>,
    pub(crate) new: ChangeId,
    number: u32,
    mask: Mask,
}

impl Logged<'_> {
    /// What was written, where that is known.
    pub(crate) fn written(&self, shapes: &Shapes, snapshot: &dyn Snapshot) -> Result<Option<Attributes>> {
        if self.mask.is_any() || self.number == 0 {
            return Ok(None);
        }
        Ok(Some(Attributes { shape: shapes.get(self.number, snapshot)?, mask: self.mask }))
    }
}

/// Attributes of a shape that were written.
#[derive(Debug, Clone)]
pub(crate) struct Attributes {
    shape: Arc<Shape>,
    mask: Mask,
}

impl Attributes {
    /// Whether it was one commit on the old version.
    pub(crate) fn is_commit(&self) -> bool {
        self.mask.is_commit()
    }

    /// Their names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.mask.names(&self.shape).into_iter().flatten()
    }

    /// What either wrote, by the shape of the later; `None` where some of it is not part of that any more.
    pub(crate) fn and(self, later: Attributes) -> Option<Attributes> {
        let mask = match Arc::ptr_eq(&self.shape, &later.shape) {
            true => Mask(self.mask.0 | later.mask.0),
            false => Mask::of(self.names().chain(later.names()), &later.shape),
        };
        (!mask.is_any()).then_some(Attributes { mask: mask.more(), ..later })
    }
}

/// What is to be told of one change.
pub(crate) struct Told<'a> {
    pub(crate) kind: &'a str,
    /// The key, encoded.
    pub(crate) key: &'a [u8],
    pub(crate) old: Option<&'a Hash>,
    pub(crate) new: &'a Hash,
    /// The number of the new version's shape.
    pub(crate) number: u32,
    pub(crate) mask: Mask,
}

/// The attributes that were written: any, or bit n + 1 for the attribute n of the new shape. Bit 63: it is more than one
/// commit on the old version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mask(u64);

impl Mask {
    pub(crate) const ANY: Mask = Mask(1);
    const MORE: u64 = 1 << 63;

    /// These attributes, by name, of a shape that has a number.
    pub(crate) fn of<'a>(changed: impl IntoIterator<Item = &'a str>, shape: &Shape) -> Mask {
        if shape.len() >= 62 {
            return Mask::ANY;
        }
        let (mut mask, mut start) = (0, 0);
        for name in changed {
            // Both are in one order as a rule, so the next one is looked for behind the last.
            let mut places = (start..shape.len()).chain(0..start);
            match places.find(|index| shape.head(*index).is_some_and(|(head, _)| head == name)) {
                Some(index) => (mask, start) = (mask | 2 << index, index + 1),
                // It was emptied and is not part of the shape any more.
                None => return Mask::ANY,
            }
        }
        Mask(mask)
    }

    /// Notes that it is not just one commit on the old version.
    #[must_use]
    pub(crate) fn more(self) -> Mask {
        if self == Mask::ANY { self } else { Mask(self.0 | Mask::MORE) }
    }

    /// Whether any attribute may have been written.
    fn is_any(self) -> bool {
        self.0 & 1 == 1
    }

    /// Whether it is one commit on the old version.
    fn is_commit(self) -> bool {
        self.0 & (1 | Mask::MORE) == 0
    }

    /// Whether an attribute may be among both.
    pub(crate) fn meets(self, other: Mask) -> bool {
        (self.0 | other.0) & 1 == 1 || self.0 & other.0 != 0
    }

    /// The names of the attributes; `None` for any.
    pub(crate) fn names(self, shape: &Shape) -> Option<impl Iterator<Item = &str>> {
        let named =
            move |index: &usize| self.0.checked_shr(*index as u32 + 1).is_some_and(|bits| bits & 1 == 1);
        let names = || (0..shape.len()).filter(named).filter_map(|index| shape.head(index));
        (!self.is_any()).then(|| names().map(|(name, _)| name))
    }
}

/// Packs changes into rows.
pub(crate) struct RowsWriter {
    rows: Vec<Vec<u8>>,
    row: Vec<u8>,
    kinds: Vec<String>,
}

impl RowsWriter {
    pub(crate) fn new() -> Self {
        RowsWriter { rows: Vec::new(), row: Vec::new(), kinds: Vec::new() }
    }

    pub(crate) fn push(&mut self, told: &Told<'_>) {
        let kind = told.kind;
        match self.kinds.iter().position(|known| known == kind) {
            Some(index) => put_varint(&mut self.row, index as u64 + 1),
            None => {
                self.kinds.push(kind.to_owned());
                self.row.push(0);
                put_slice(&mut self.row, kind.as_bytes());
            }
        }
        put_slice(&mut self.row, told.key);
        self.row.extend_from_slice(&id(told.old));
        self.row.extend_from_slice(&id(Some(told.new)));
        put_varint(&mut self.row, u64::from(told.number));
        put_varint(&mut self.row, told.mask.0);
        if self.row.len() > ROW_BYTES {
            self.rows.push(std::mem::take(&mut self.row));
            self.kinds.clear();
        }
    }

    /// The rows; the last carries the totals.
    pub(crate) fn finish(mut self, meta: &Meta) -> Vec<Vec<u8>> {
        self.rows.push(self.row);
        let last = self.rows.len() - 1;
        let with_head = |(index, row): (usize, Vec<u8>)| {
            let mut out = Vec::with_capacity(row.len() + 60);
            out.push(u8::from(index == last));
            if index == last {
                meta.encode(&mut out);
            }
            out.extend_from_slice(&row);
            out
        };
        self.rows.into_iter().enumerate().map(with_head).collect()
    }
}

/// A row without changes: the first of a new repo, or of a batch that changes no object.
pub(crate) fn empty_row(meta: &Meta) -> Vec<u8> {
    RowsWriter::new().finish(meta).pop().unwrap_or_default()
}

/// The last row of the log, with its sequence.
pub(crate) fn last_row(snapshot: &dyn Snapshot) -> Result<(u64, Vec<u8>)> {
    let all = rows::all(rows::LOG);
    let mut cursor = snapshot.scan(Range::between(&all.start, &all.end), Direction::Backward)?;
    let missing = || Error::corrupt("the repo has lost its change log");
    let (key, row) = cursor.next()?.ok_or_else(missing)?;
    Ok((sequence_of(key).ok_or_else(missing)?, row.to_vec()))
}

/// The sequence that a row's key bears.
pub(crate) fn sequence_of(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(*key.strip_prefix(&[rows::LOG])?.as_array()?))
}

/// The totals that a row carries, if it is the last of its batch.
pub(crate) fn row_meta(row: &[u8]) -> Result<Option<Meta>> {
    let mut reader = Reader::new(row);
    match reader.byte()? {
        0 => Ok(None),
        1 => Meta::decode(&mut reader).map(Some),
        _ => Err(Error::corrupt("a row of the change log begins with neither 0 nor 1")),
    }
}

/// A walk over the changes from a point of the log on, in the order in which they were made.
pub struct Changes {
    repo: Repo,
    snapshot: Box<dyn Snapshot>,
    cursor: Box<dyn Cursor>,
    row: std::vec::IntoIter<Change>,
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changes").field("repo", &self.repo).finish_non_exhaustive()
    }
}

impl Repo {
    /// What was changed, from this row of the log on.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) where the log no longer goes back that far,
    /// [`Store`](crate::ErrorKind::Store) where the store cannot be read.
    pub fn changes_from(&self, sequence: u64) -> Result<Changes> {
        let snapshot = self.inner.store.snapshot()?;
        let (start, end) = (rows::log(sequence), rows::all(rows::LOG).end);
        let mut cursor = snapshot.scan(Range::between(&start, &end), Direction::Forward)?;
        let first = cursor.next()?.and_then(|(key, _)| sequence_of(key));
        if first.is_some_and(|first| first > sequence) {
            let message =
                format!("the change log begins at {} and no longer has {sequence}", first.unwrap_or(0));
            return Err(Error::new(crate::ErrorKind::NotFound, message));
        }
        let cursor = snapshot.scan(Range::between(&start, &end), Direction::Forward)?;
        Ok(Changes { repo: self.clone(), snapshot, cursor, row: Vec::new().into_iter() })
    }

    /// All changes that the log still has, the oldest first.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where the store cannot be read.
    pub fn changes(&self) -> Result<Changes> {
        let snapshot = self.inner.store.snapshot()?;
        let all = rows::all(rows::LOG);
        let cursor = snapshot.scan(Range::between(&all.start, &all.end), Direction::Forward)?;
        Ok(Changes { repo: self.clone(), snapshot, cursor, row: Vec::new().into_iter() })
    }
}

impl Iterator for Changes {
    type Item = Result<Change>;

    fn next(&mut self) -> Option<Result<Change>> {
        loop {
            if let Some(change) = self.row.next() {
                return Some(Ok(change));
            }
            let row = match self.cursor.next() {
                Ok(Some((key, row))) => sequence_of(key).map(|sequence| (sequence, row.to_vec())),
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            };
            let changes = match row {
                Some((sequence, row)) => read_row(sequence, &row, &self.repo, &*self.snapshot),
                None => Err(Error::corrupt("a row of the change log has no sequence")),
            };
            match changes {
                Ok(changes) => self.row = changes.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// The changes of one row.
pub(crate) fn read_row(
    sequence: u64,
    row: &[u8],
    repo: &Repo,
    snapshot: &dyn Snapshot,
) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    each_change(row, |logged| {
        let written = logged.written(&repo.inner.shapes, snapshot)?;
        changes.push(Change {
            sequence,
            key: Key::from_encoded(logged.key)?,
            kind: logged.kind.to_owned(),
            old: logged.old,
            new: logged.new,
            attributes: written.map(|written| written.names().map(str::to_owned).collect()),
            is_commit: logged.mask.is_commit(),
        });
        Ok(())
    })?;
    Ok(changes)
}

/// Hands over the changes of one row, one after another.
pub(crate) fn each_change<'r>(row: &'r [u8], mut each: impl FnMut(Logged<'r>) -> Result<()>) -> Result<()> {
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
        let kind = kind.ok_or_else(|| Error::corrupt("a change names no kind of its row"))?;
        let key = reader.slice()?;
        let (old, new): (ChangeId, ChangeId) = (reader.array()?, reader.array()?);
        let number =
            u32::try_from(reader.varint()?).map_err(|_| Error::corrupt("a change names no shape"))?;
        let mask = Mask(reader.varint()?);
        let old = Some(old).filter(|old| *old != ChangeId::default());
        each(Logged { kind, key, old, new, number, mask })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attributes of a shape of these, each a `latest`.
    fn attributes(shape: &[&str], written: &[&str]) -> Attributes {
        let mut bytes = b"\x05Thing".to_vec();
        for name in shape {
            put_slice(&mut bytes, name.as_bytes());
            bytes.push(0x10);
        }
        let shape = Shape::parse(&bytes).unwrap();
        let mask = Mask::of(written.iter().copied(), &shape);
        Attributes { shape, mask }
    }

    #[test]
    fn what_was_written_adds_up_by_the_later_shape() {
        let both =
            |one: Attributes, other| one.and(other).map(|both| both.names().collect::<Vec<_>>().join(" "));
        let ab = |written: &[&str]| attributes(&["a", "b"], written);
        let abc = |written: &[&str]| attributes(&["a", "aa", "b", "c"], written);
        assert_eq!(both(ab(&["a"]), ab(&["b"])).as_deref(), Some("a b"));
        assert_eq!(both(ab(&["b"]), abc(&["c"])).as_deref(), Some("b c"));
        assert_eq!(both(abc(&["b"]), ab(&["a"])).as_deref(), Some("a b"));
        // What is gone cannot be told as what was written.
        assert_eq!(both(abc(&["c"]), ab(&["a"])), None);
        assert!(ab(&["a"]).is_commit() && !ab(&["a"]).and(ab(&["b"])).unwrap().is_commit());
    }
}
