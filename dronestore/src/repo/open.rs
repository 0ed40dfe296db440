//! Opening a repo: who it is, and whether it still is where it was.

use super::changes::{last_row, row_meta};
use super::meta::{Home, Meta};
use super::{DatabaseId, Inner, Repo, rows};
use crate::clock::Clock;
use crate::versioned::{Outcome, random_actor};
use dronestore_core::store::{Direction, Expectation, Range, Snapshot, Store, Write};
use dronestore_core::{Error, ErrorKind, Hash, HybridClock, Result};
use std::sync::{Arc, Mutex};

/// What the one who writes knows of the repo; moved on only after a batch is durable.
pub(crate) struct Writer {
    pub(crate) home: Home,
    pub(crate) meta: Meta,
    pub(crate) clock: HybridClock,
    /// The sequence of the next row of the change log.
    pub(crate) next_row: u64,
    /// The sequence of the first row that is still there.
    pub(crate) first_row: u64,
    /// Whether the home has to be written: the actor is new, or the database was joined.
    pub(crate) moved: bool,
    /// Whether the store may hold something else than this says.
    pub(crate) stale: bool,
    /// A batch whose outcome is unknown.
    pub(crate) doubt: Option<Doubt>,
}

/// A batch whose outcome is unknown: its first row of the log tells.
#[derive(Debug, Clone)]
pub(crate) struct Doubt {
    pub(crate) sequence: u64,
    pub(crate) row: Vec<u8>,
    pub(crate) outcome: Outcome,
}

pub(crate) fn open(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    database: Option<DatabaseId>,
) -> Result<Repo> {
    let snapshot = store.snapshot()?;
    let writer = match snapshot.get(rows::HOME)? {
        Some(_) => Writer::load(&*store, &*snapshot)?,
        None => {
            drop(snapshot);
            create(&*store, database)?;
            Writer::load(&*store, &*store.snapshot()?)?
        }
    };
    if let Some(expected) = database.filter(|expected| *expected != writer.home.database) {
        let message = format!(
            "{} holds database {}, not {expected}: two databases do not mix",
            store.describe(),
            writer.home.database
        );
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    let inner = Inner {
        store,
        clock,
        shapes: Default::default(),
        models: Default::default(),
        writer: Mutex::new(writer),
        writing: Mutex::new(None),
    };
    Ok(Repo { inner: Arc::new(inner) })
}

/// Makes an empty store a repo; where somebody else does so at the same time, theirs it is.
fn create(store: &dyn Store, database: Option<DatabaseId>) -> Result<()> {
    let mut cursor = store.snapshot()?.scan(Range::ALL, Direction::Forward)?;
    if cursor.next()?.is_some() {
        let message = format!("{} holds something that is not a repo", store.describe());
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    let database = database.map_or_else(DatabaseId::random, Ok)?;
    let home = Home { database, actor: random_actor()?, place: place(store)?, marked: false };
    let (row, home_row) = (rows::log(0), home.encode());
    let meta = Meta { next_shape: 1, ..Meta::default() };
    let value = super::changes::empty_row(&meta);
    let writes = [Write::put(&row, &value), Write::put(rows::HOME, &home_row)];
    match store.apply(&[Expectation::absent(rows::HOME)], &writes) {
        Err(error) if error.is_conflict() => Ok(()),
        other => other,
    }
}

fn place(store: &dyn Store) -> Result<Vec<u8>> {
    let place = store.witness().map(|witness| witness.place()).transpose()?;
    Ok(place.flatten().unwrap_or_default())
}

/// What is noted beside the content when a row of the change log becomes the last: restoring older content in
/// place brings back another last row, but not the note.
pub(crate) fn mark_of(sequence: u64, row: &[u8]) -> Vec<u8> {
    let mut mark = sequence.to_be_bytes().to_vec();
    mark.extend_from_slice(&Hash::of(row).as_bytes()[..16]);
    mark
}

impl Writer {
    fn load(store: &dyn Store, snapshot: &dyn Snapshot) -> Result<Writer> {
        let mut writer = Writer::read(snapshot)?;
        if !writer.0.is_at_home(store, &writer.1)? {
            writer.0.take_new_actor(store)?;
        }
        Ok(writer.0)
    }

    fn read(snapshot: &dyn Snapshot) -> Result<(Writer, Vec<u8>)> {
        let home =
            snapshot.get(rows::HOME)?.ok_or_else(|| Error::corrupt("the repo has lost its home row"))?;
        let (sequence, row) = last_row(snapshot)?;
        let meta =
            row_meta(&row)?.ok_or_else(|| Error::corrupt("the last row of the change log has no totals"))?;
        let all = rows::all(rows::LOG);
        let mut first = snapshot.scan(Range::between(&all.start, &all.end), Direction::Forward)?;
        let first_row =
            first.next()?.and_then(|(key, _)| super::changes::sequence_of(key)).unwrap_or(sequence);
        let writer = Writer {
            home: Home::decode(&home)?,
            clock: HybridClock::new(meta.time),
            meta,
            next_row: sequence + 1,
            first_row,
            moved: false,
            stale: false,
            doubt: None,
        };
        Ok((writer, mark_of(sequence, &row)))
    }

    /// Reads anew what the store holds, after somebody else wrote or a batch ended in the unknown.
    pub(crate) fn refresh(&mut self, snapshot: &dyn Snapshot) -> Result<()> {
        let (read, _) = Writer::read(snapshot)?;
        if let Some(doubt) = &self.doubt {
            let found = snapshot.get(&rows::log(doubt.sequence))?;
            // Nobody asked before, or it is the same answer: this looks before anything else is written.
            let _ = doubt.outcome.set(found.as_deref() == Some(&doubt.row[..]));
        }
        // A new actor that was never written is as good as it was; the clock never goes back.
        let home = if self.moved { self.home.clone() } else { read.home };
        let clock = if self.clock.last() > read.clock.last() { self.clock.clone() } else { read.clock };
        *self = Writer { home, clock, moved: self.moved, ..read };
        Ok(())
    }

    /// Whether the store is where it was when it was last written, and not an older copy.
    fn is_at_home(&self, store: &dyn Store, mark: &[u8]) -> Result<bool> {
        let Some(witness) = store.witness() else { return Ok(true) };
        if place(store)? != self.home.place {
            return Ok(false);
        }
        // The first row was written before there could be a mark.
        let is_new = self.next_row == 1;
        Ok(is_new || !self.home.marked || witness.mark()?.as_deref() == Some(mark))
    }

    /// Before the first write from a new place: whoever wrote here before keeps their actor, wherever they are.
    fn take_new_actor(&mut self, store: &dyn Store) -> Result<()> {
        self.home.actor = random_actor()?;
        self.home.place = place(store)?;
        self.moved = true;
        Ok(())
    }

    /// Notes the row that is about to become the last one beside the content.
    pub(crate) fn set_mark(&mut self, store: &dyn Store, mark: &[u8]) -> Result<()> {
        let Some(witness) = store.witness() else { return Ok(()) };
        witness.set_mark(mark)?;
        if !self.home.marked && witness.mark()?.as_deref() == Some(mark) {
            self.home.marked = true;
            self.moved = true;
        }
        Ok(())
    }
}
