//! Recording: what a transaction changes, as rows of history in its own batch.

use super::block;
use super::entry::{Change, Entry, Id, Recent, Together, Whole, id_of};
use super::policy::{History, Keep, cutoff};
use super::run::{Open, Run, Tail, is_at, size};
use super::undo::{Did, Taking};
use crate::repo::rows;
use crate::repo::transaction::Transaction;
use dronestore_core::bytes::Reader;
use dronestore_core::store::{Direction, Range, Snapshot};
use dronestore_core::version::Commit;
use dronestore_core::version::delta::Step;
use dronestore_core::{Error, Hash, Key, Nanotime, Result, Version};
use std::collections::BTreeMap;

/// How many entries a run has before it becomes a block.
const RUN: u64 = 256;
/// How many bytes of entries.
const RUN_BYTES: u64 = 16 << 20;

/// What a transaction adds to the history.
#[derive(Default)]
pub(crate) struct Recorder {
    /// Whether anybody wants to know.
    pub(crate) is_on: bool,
    /// The commit that the next head to be staged is made by.
    pub(crate) commit: Option<Commit>,
    /// What own commits did, where somebody may want to take it back.
    pub(crate) did: Did,
    /// Who takes back what.
    pub(crate) taking: Option<Taking>,
    noted: Vec<Noted>,
    /// Rows to write or to take away.
    pub(crate) rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

/// What stood there before a change, and what is to be told of it.
struct Stood {
    before: Option<Version>,
    is_undoable: bool,
    noted: Option<Noted>,
}

/// One change, as it is staged.
struct Noted {
    /// What the keys of the object's rows begin with.
    prefix: Vec<u8>,
    key: Key,
    keep: Keep,
    before: Option<Version>,
    after: Version,
    entry: Entry,
}

impl Recorder {
    pub(crate) fn is_empty(&self) -> bool {
        self.noted.is_empty() && self.rows.is_empty()
    }

    /// Whether whoever writes is asked about it at all.
    pub(crate) fn new(is_on: bool) -> Recorder {
        Recorder { is_on, ..Recorder::default() }
    }

    fn did(&mut self, before: Option<&Version>, after: &Version) {
        let is_it = |version: &Version| version.key() == after.key() && version.kind() == after.kind();
        match self.did.iter_mut().find(|(_, known)| is_it(known)) {
            Some((_, last)) => *last = after.clone(),
            None => self.did.push((before.cloned(), after.clone())),
        }
    }
}

impl Transaction<'_> {
    /// Says which commit made the version that is staged next.
    pub(crate) fn authored(&mut self, commit: &Commit) {
        if self.history.is_on {
            self.history.commit = Some(commit.clone());
        }
    }

    /// Stages a new head; `before` is what the store has, if it has one, `changed` what was written, `None` for any.
    pub(crate) fn stage(
        &mut self,
        row: Vec<u8>,
        version: &Version,
        before: Option<Hash>,
        changed: Option<&[&str]>,
    ) -> Result<()> {
        if !self.history.is_on {
            return self.stage_head(row, version, before, changed);
        }
        let commit = self.history.commit.take();
        let change = self.change_to(&row, version, commit, changed)?;
        self.stage_head(row, version, before, changed)?;
        if let Some(Stood { before, is_undoable, noted }) = change {
            if is_undoable {
                self.history.did(before.as_ref(), version);
            }
            self.history.noted.extend(noted);
        }
        Ok(())
    }

    /// What is to be known of a change that is about to be staged.
    fn change_to(
        &self,
        row: &[u8],
        after: &Version,
        commit: Option<Commit>,
        named: Option<&[&str]>,
    ) -> Result<Option<Stood>> {
        let keep = self.writer.policies.of(after.kind());
        let is_undoable = commit.is_some() && self.repo.inner.undoers.are_there();
        if keep.history.is_head() && !is_undoable {
            return Ok(None);
        }
        let before = self.head(row, after.key())?;
        if keep.history.is_head() {
            return Ok(Some(Stood { before, is_undoable, noted: None }));
        }
        if before.as_ref() == Some(after) {
            return Ok(None);
        }
        let now = self.repo.inner.clock.now().max(self.writer.clock.last());
        let entry = Entry::of(before.as_ref(), after, commit, named, now)?;
        let prefix = rows::history_of(after.kind(), after.key().as_encoded()).start;
        let (key, after) = (after.key().clone(), after.clone());
        let noted = Some(Noted { prefix, key, keep, before: before.clone(), after, entry });
        Ok(Some(Stood { before, is_undoable, noted }))
    }

    /// Makes rows of what was noted.
    pub(crate) fn record_history(&mut self) -> Result<()> {
        let noted = std::mem::take(&mut self.history.noted);
        let unseen = self.repo.inner.own.given().max(self.repo.inner.opened);
        let mut tails: BTreeMap<Vec<u8>, Tail> = BTreeMap::new();
        let mut rows = std::mem::take(&mut self.history.rows);
        for noted in noted {
            let tail = match tails.get(&noted.prefix) {
                Some(tail) => *tail,
                None => Tail::read(&*self.snapshot, &noted.prefix)?,
            };
            let prefix = noted.prefix.clone();
            let (snapshot, unseen) = (&*self.snapshot, (unseen, self.writer.next_row));
            let mut object = Object { snapshot, rows: &mut rows, tail, prefix: &prefix, unseen };
            object.append(noted)?;
            let tail = object.tail;
            tails.insert(prefix, tail);
        }
        self.history.rows = rows;
        Ok(())
    }
}

/// The history of an object, while it is written.
pub(super) struct Object<'o> {
    pub(super) snapshot: &'o dyn Snapshot,
    pub(super) rows: &'o mut BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pub(super) tail: Tail,
    pub(super) prefix: &'o [u8],
    /// From which row of the change log on nobody has seen what was written, and the row that comes next.
    pub(super) unseen: (u64, u64),
}

impl Object<'_> {
    fn append(&mut self, noted: Noted) -> Result<()> {
        let Noted { key, keep, before, after, entry, .. } = noted;
        let now = entry.time;
        let open = match self.tail.open {
            Some(open) if is_at(&open.id, before.as_ref().map(Version::hash).as_ref()) => Some(open),
            Some(open) => {
                // Something was written past it: what comes now stands on its own.
                self.pack(open, &key, None, (keep.history, now))?;
                None
            }
            None => None,
        };
        if let Some(last) = open.filter(|open| open.takes_more)
            && self.take_up(last, &key, keep, (&after, &entry))?
        {
            return Ok(());
        }
        let number = self.tail.next;
        let (first, bytes) = open.map_or((number, 0), |open| (open.first, open.bytes));
        let base = if number == first { before.as_ref().map(Whole::of) } else { None };
        let together = before.as_ref().filter(|_| may_take_more(&entry, keep)).map(|before| Together {
            first: entry.time,
            row: self.unseen.1,
            before: Whole::of(before),
        });
        let (takes_more, after) = (together.is_some(), after.hash());
        let bytes = bytes.saturating_add(size(&entry));
        let recent = Recent { since: number - first, bytes, id: id_of(&after), base, entry, together };
        self.rows.insert(rows::history(self.prefix, number), Some(recent.encode()));
        let open = Open { first, bytes, id: id_of(&after), takes_more };
        let too_many = || Error::corrupt(format!("the history of `{key}` has no numbers left"));
        let next = number.checked_add(1).ok_or_else(too_many)?;
        self.tail = Tail { next, open: Some(open), ..self.tail };
        if next - first >= most(keep.history) || bytes >= RUN_BYTES {
            self.pack(open, &key, Some(after), (keep.history, now))?;
        }
        Ok(())
    }

    /// Makes a commit part of the last entry, where it belongs there; else closes that entry. Says whether it did.
    fn take_up(
        &mut self,
        open: Open,
        key: &Key,
        keep: Keep,
        (after, entry): (&Version, &Entry),
    ) -> Result<bool> {
        let row = rows::history(self.prefix, self.tail.next - 1);
        let value = match self.rows.get(&row) {
            Some(value) => value.clone(),
            None => self.snapshot.get(&row)?.map(|value| value.to_vec()),
        };
        let value = value.unwrap_or_default();
        let mut reader = Reader::new(&value);
        let last = reader.byte().and_then(|kind| Recent::decode(kind, &mut reader));
        // One that cannot be read stays as it is.
        let Ok(mut last) = last else { return Ok(false) };
        let Some(together) = last.together.take() else { return Ok(false) };
        let step = match together.row >= self.unseen.0
            && may_take_more(entry, keep)
            && entry.time.since(together.first).is_some_and(|time| time <= keep.together)
        {
            true => Step::between(&together.before.version(key)?, after, None)?,
            false => None,
        };
        let Some(step) = step.filter(|step| step.time == entry.time) else {
            self.rows.insert(row, Some(last.encode()));
            return Ok(false);
        };
        let before = open.bytes - size(&last.entry).min(open.bytes);
        last.entry = Entry { time: step.time, arrived: false, commit: None, change: Change::Step(step) };
        (last.id, last.bytes) = (id_of(&after.hash()), before.saturating_add(size(&last.entry)));
        last.together = Some(Together { row: self.unseen.1, ..together });
        self.rows.insert(row, Some(last.encode()));
        self.tail.open = Some(Open { id: last.id, bytes: last.bytes, ..open });
        Ok(true)
    }

    /// Makes a block of the open run, and lets go what the policy does not keep; `ends` is the hash of the version that it
    /// leads to, where it is known.
    pub(super) fn pack(
        &mut self,
        open: Open,
        key: &Key,
        ends: Option<Hash>,
        (history, now): (History, Nanotime),
    ) -> Result<()> {
        self.tail.open = None;
        let Some(mut run) = self.open_run(open)? else { return Ok(()) };
        let drop = match history {
            History::Last(most) => run.entries.len().saturating_sub(most as usize),
            _ => 0,
        };
        let numbers = run.first..run.first.saturating_add(run.entries.len() as u64);
        // Of what cannot be read nothing is taken away.
        let Ok(hash) = end_of(&mut run, key, drop, (open.id, ends)) else { return Ok(()) };
        for number in numbers {
            self.take_away(number);
        }
        self.rows.insert(rows::history(self.prefix, run.first), Some(block::encode(&run, &hash)));
        self.let_go(open.first, run.entries.len() as u64, drop > 0, (history, now))
    }

    /// The entries of the open run, as stored or as they will be; `None` where they cannot be read.
    fn open_run(&self, open: Open) -> Result<Option<Run>> {
        let start = rows::history(self.prefix, open.first);
        let end = rows::history_below(self.prefix).end;
        let mut values: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        let mut cursor = self.snapshot.scan(Range::between(&start, &end), Direction::Forward)?;
        while let Some((row, value)) = cursor.next()? {
            values.insert(row.to_vec(), value.to_vec());
        }
        for (row, value) in self.rows.range(start..end) {
            match value {
                Some(value) => values.insert(row.clone(), value.clone()),
                None => values.remove(row),
            };
        }
        let mut run = Run { first: open.first, base: None, entries: Vec::new(), ends: None, ids: Vec::new() };
        for value in values.into_values() {
            let mut reader = Reader::new(&value);
            let recent = reader.byte().and_then(|kind| Recent::decode(kind, &mut reader));
            let Ok(recent) = recent else { return Ok(None) };
            if recent.since != run.entries.len() as u64 {
                return Ok(None);
            }
            run.base = recent.base.or(run.base);
            run.entries.push(recent.entry);
        }
        Ok(Some(run).filter(|run| !run.entries.is_empty()))
    }

    /// Takes a row away: one of the store's, or one that would have been written.
    fn take_away(&mut self, number: u64) {
        let row = rows::history(self.prefix, number);
        match number < self.tail.stored {
            true => self.rows.insert(row, None),
            false => self.rows.remove(&row),
        };
    }

    /// Lets go of older blocks that the policy does not keep.
    fn let_go(&mut self, end: u64, kept: u64, all: bool, (history, now): (History, Nanotime)) -> Result<()> {
        if history == History::Full {
            return Ok(());
        }
        let before = cutoff(history, now);
        let (start, end) = (rows::history(self.prefix, 0), rows::history(self.prefix, end));
        let mut cursor = self.snapshot.scan(Range::between(&start, &end), Direction::Backward)?;
        let mut kept = kept;
        while let Some((row, value)) = cursor.next()? {
            let mut reader = Reader::new(value);
            let head = reader.byte().and_then(|_| block::BlockHead::decode(&mut reader));
            // Of what cannot be read nothing is taken away.
            let Ok(head) = head else { continue };
            let goes = match history {
                History::Last(most) => all || kept >= u64::from(most),
                _ => head.last < before,
            };
            kept += head.count;
            if goes {
                self.rows.insert(row.to_vec(), None);
            }
        }
        Ok(())
    }
}

/// Drops the first entries of a run; gives the hash of the version that the rest leads to.
fn end_of(run: &mut Run, key: &Key, drop: usize, (id, ends): (Id, Option<Hash>)) -> Result<Hash> {
    if let Some(hash) = ends.filter(|_| drop == 0) {
        return Ok(hash);
    }
    run.drop_first(key, drop)?;
    let last = run.replay(key, run.entries.len(), |_, _, _| Ok(()))?.map(|version| version.hash());
    last.filter(|hash| id_of(hash) == id)
        .ok_or_else(|| Error::corrupt("a run of the history does not lead to where it says"))
}

/// Whether an entry may stand together with others: a commit of this repo's that is nothing more.
fn may_take_more(entry: &Entry, keep: Keep) -> bool {
    let is_plain = matches!(&entry.change, Change::Step(step) if step.tag.is_none() && !step.deleted);
    !keep.together.is_zero() && !entry.arrived && is_plain
}

/// How many entries a run may have.
fn most(history: History) -> u64 {
    match history {
        History::Last(count) => (2 * u64::from(count)).clamp(16, RUN),
        _ => RUN,
    }
}
