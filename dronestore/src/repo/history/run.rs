//! Run: entries that follow one another, and the walk over an object's runs from the newest to the oldest.

use super::block;
use super::entry::{BLOCK, Change, Entry, Id, OPEN, RECENT, Recent, Whole, id_of};
use crate::repo::rows;
use dronestore_core::bytes::Reader;
use dronestore_core::store::{Cursor, Direction, Range, Snapshot};
use dronestore_core::version::Commit;
use dronestore_core::{Error, Hash, Key, Result, Version};

/// Entries that follow one another, with what stood there before the first.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// The number of the first entry.
    pub(crate) first: u64,
    pub(crate) base: Option<Whole>,
    pub(crate) entries: Vec<Entry>,
    /// The hash of the version after the last entry, where a block says it.
    pub(crate) ends: Option<Hash>,
    /// Of young entries the first bytes of the hash of the version after each.
    pub(super) ids: Vec<Id>,
}

/// What a run leads through: the version after an entry, and the commit that made it.
pub(crate) type Made = (Version, Option<Commit>);

impl Run {
    pub(crate) fn base(&self, key: &Key) -> Result<Option<Version>> {
        self.base.as_ref().map(|base| base.version(key)).transpose()
    }

    /// What the entries lead through, up to one of them; `each` is told the number of the entry in the run.
    pub(crate) fn replay(
        &self,
        key: &Key,
        to: usize,
        mut each: impl FnMut(usize, &Option<Version>, &Made) -> Result<()>,
    ) -> Result<Option<Version>> {
        let mut before = self.base(key)?;
        for (number, entry) in self.entries.iter().enumerate().take(to) {
            let made = entry.apply(key, before.as_ref())?;
            each(number, &before, &made)?;
            before = Some(made.0);
        }
        Ok(before)
    }

    /// Drops the first entries: what they lead to is the new base.
    pub(crate) fn drop_first(&mut self, key: &Key, count: usize) -> Result<()> {
        let base = self.replay(key, count, |_, _, _| Ok(()))?;
        self.base = base.as_ref().map(Whole::of);
        self.entries.drain(..count);
        self.first = self.first.wrapping_add(count as u64);
        Ok(())
    }
}

/// One row of an object's history, read as far as its first byte says how.
enum Row {
    Recent(Box<Recent>),
    Block(Run),
}

/// Reads a row; its number is that of its first entry.
fn read(number: u64, value: &[u8]) -> Result<Row> {
    let mut reader = Reader::new(value);
    match reader.byte()? {
        kind @ (RECENT | OPEN) => Ok(Row::Recent(Box::new(Recent::decode(kind, &mut reader)?))),
        BLOCK => Ok(Row::Block(block::decode(number, &mut reader)?.1)),
        _ => Err(Error::corrupt("a row of the history is of no known kind")),
    }
}

/// The runs of an object, the newest first.
pub(crate) struct Runs {
    cursor: Box<dyn Cursor>,
    object: String,
    /// What the next one has to lead to, where that counts.
    behind: Option<Option<Hash>>,
    has_ended: bool,
}

impl Runs {
    /// Those of the object whose rows begin so.
    pub(crate) fn new(snapshot: &dyn Snapshot, kind: &str, key: &Key) -> Result<Runs> {
        let range = rows::history_of(kind, key.as_encoded());
        let cursor = snapshot.scan(Range::between(&range.start, &range.end), Direction::Backward)?;
        Ok(Runs { cursor, object: key.to_string(), behind: None, has_ended: false })
    }

    /// Those that lead to what stands there, one to the next. What does not is no history of it: a policy was changed, and its
    /// sweep did not come to its end. So is everything where none is kept.
    pub(crate) fn told(
        snapshot: &dyn Snapshot,
        (kind, key): (&str, &Key),
        head: Option<Hash>,
        keeps: bool,
    ) -> Result<Runs> {
        Ok(Runs { behind: Some(head), has_ended: !keeps, ..Runs::new(snapshot, kind, key)? })
    }

    /// The next older run.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where rows are damaged or missing.
    pub(crate) fn next(&mut self) -> Result<Option<Run>> {
        if self.has_ended {
            return Ok(None);
        }
        let run = self.read().map_err(|error| error.at(format_args!("the history of `{}`", self.object)))?;
        if let (Some(run), Some(behind)) = (&run, &mut self.behind) {
            let leads_to = run.ids.last().copied().or(run.ends.as_ref().map(id_of));
            self.has_ended = leads_to != behind.as_ref().map(id_of);
            *behind = run.base.as_ref().map(|base| base.hash);
        }
        Ok(run.filter(|_| !self.has_ended))
    }

    fn read(&mut self) -> Result<Option<Run>> {
        let mut recent: Vec<Recent> = Vec::new();
        let mut first = 0;
        while let Some((row, value)) = self.cursor.next()? {
            let number = rows::number_of(row).ok_or_else(|| Error::corrupt("a row has no number"))?;
            match read(number, value)? {
                Row::Block(run) if recent.is_empty() => return Ok(Some(run)),
                Row::Block(_) => break,
                Row::Recent(young) => {
                    let bytes = |next: &Recent| young.bytes.checked_add(size(&next.entry));
                    let follows = recent.last().is_none_or(|next| {
                        number.checked_add(1) == Some(first)
                            && young.since.checked_add(1) == Some(next.since)
                            && bytes(next) == Some(next.bytes)
                    });
                    if !follows {
                        return Err(Error::corrupt(format!("the row behind {number} is not its next")));
                    }
                    first = number;
                    let since = young.since;
                    recent.push(*young);
                    if since == 0 {
                        return Ok(Some(gather(first, recent)));
                    }
                }
            }
        }
        match recent.is_empty() {
            true => Ok(None),
            false => Err(Error::corrupt(format!("the rows before {first} are missing"))),
        }
    }
}

/// A run of young entries, the newest first.
fn gather(first: u64, mut recent: Vec<Recent>) -> Run {
    let base = recent.last_mut().and_then(|oldest| oldest.base.take());
    recent.reverse();
    let ids = recent.iter().map(|young| young.id).collect();
    Run { first, base, entries: recent.into_iter().map(|young| young.entry).collect(), ends: None, ids }
}

/// What the last row of an object's history says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tail {
    /// The number that the next entry gets.
    pub(super) next: u64,
    /// The same, as the store has it.
    pub(super) stored: u64,
    pub(super) open: Option<Open>,
}

/// A run that may be gone on with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) first: u64,
    pub(super) bytes: u64,
    /// Of the version after its last entry.
    pub(super) id: Id,
    /// Whether its last entry may take up further commits.
    pub(super) takes_more: bool,
}

impl Tail {
    /// Reads the last row; one that cannot be read is not gone on with, and stays as it is.
    pub(super) fn read(snapshot: &dyn Snapshot, prefix: &[u8]) -> Result<Tail> {
        let range = rows::history_below(prefix);
        let mut cursor = snapshot.scan(Range::between(&range.start, &range.end), Direction::Backward)?;
        while let Some((row, value)) = cursor.next()? {
            let Some(number) = rows::number_of(row) else { continue };
            let mut reader = Reader::new(value);
            let open = |reader: &mut Reader<'_>, takes_more| -> Result<Option<Open>> {
                let (since, bytes, id) = Recent::head(reader)?;
                Ok(number.checked_sub(since).map(|first| Open { first, bytes, id, takes_more }))
            };
            let (count, open) = match reader.byte() {
                Ok(kind @ (RECENT | OPEN)) => (1, open(&mut reader, kind == OPEN).unwrap_or_default()),
                Ok(BLOCK) => {
                    (block::BlockHead::decode(&mut reader).map_or(block::MOST, |head| head.count), None)
                }
                _ => (1, None),
            };
            let too_many = || Error::corrupt("the history of an object has no numbers left");
            let next = number.checked_add(count).ok_or_else(too_many)?;
            return Ok(Tail { next, stored: next, open });
        }
        Ok(Tail::default())
    }
}

/// Whether a version is the one that a row says it led to.
pub(super) fn is_at(id: &Id, version: Option<&Hash>) -> bool {
    version.is_some_and(|hash| id_of(hash) == *id)
}

/// About how many bytes an entry has.
pub(super) fn size(entry: &Entry) -> u64 {
    let bytes = match &entry.change {
        Change::Step(step) => step.wrote.iter().map(|wrote| wrote.body.len() + wrote.name.len() + 8).sum(),
        Change::Delta(delta) => delta.len(),
        Change::Whole(whole) => whole.shape.len() + whole.state.len(),
    };
    bytes as u64 + 32
}
