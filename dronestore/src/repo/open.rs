//! Opening a repo: who it is, and whether it still is where it was.

use super::changes::{last_row, row_meta};
use super::history::Policies;
use super::index::Catalog;
use super::meta::{Home, Meta};
use super::{DatabaseId, Inner, Repo, rows};
use crate::clock::Clock;
use crate::random::random_actor;
use crate::versioned::Doubt;
use dronestore_core::store::{Direction, Expectation, Range, Snapshot, Store, Write};
use dronestore_core::{ActorId, Error, ErrorKind, Hash, HybridClock, Result};
use std::sync::{Arc, Mutex, RwLock};

/// What the one who writes knows of the repo; moved on only after a batch is durable.
pub(crate) struct Writer {
    pub(crate) home: Home,
    pub(crate) meta: Meta,
    pub(crate) clock: HybridClock,
    /// The sequence of the next row of the change log.
    pub(crate) next_row: u64,
    /// The sequence of the first row that is still there.
    pub(crate) first_row: u64,
    /// The last row of the change log.
    pub(crate) last_row: Arc<[u8]>,
    /// The mark of the last row of the change log.
    pub(crate) mark: Vec<u8>,
    /// Whether the index of conflicts is there and to be kept right.
    pub(crate) indexed: bool,
    /// How much history is kept.
    pub(crate) policies: Arc<Policies>,
    /// Which indexes of fields there are, to be kept right.
    pub(crate) indexes: Arc<Catalog>,
    /// Whether the home has to be written: the actor is new, or the database was joined.
    pub(crate) moved: bool,
    /// Whether the store may hold something else than this says.
    pub(crate) stale: bool,
    /// Whether another repo was met that writes under this one's actor.
    pub(crate) forked: bool,
    /// A batch whose outcome is unknown.
    pub(crate) doubt: Option<Doubt>,
}

/// What a repo says of itself without asking its store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Totals {
    pub(crate) meta: Meta,
    pub(crate) database: DatabaseId,
    pub(crate) actor: ActorId,
    pub(crate) next_row: u64,
}

impl Doubt {
    /// Whether the batch is in the store: its first row of the log tells.
    pub(crate) fn was_made(&self, snapshot: &dyn Snapshot) -> Result<bool> {
        Ok(snapshot.get(&rows::log(self.sequence))?.as_deref() == Some(&*self.row))
    }
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
        indexes: Default::default(),
        own: Default::default(),
        resolver: RwLock::default(),
        totals: RwLock::new(writer.totals()),
        unsure: Default::default(),
        opened: writer.next_row,
        writer: Mutex::new(writer),
        writing: Mutex::new(None),
        publishing: Mutex::default(),
        beside: Default::default(),
        listeners: Default::default(),
        watchers: Default::default(),
        meetings: Default::default(),
        undoers: Default::default(),
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
    let home =
        Home { database, actor: random_actor()?, place: place(store)?, marked: keeps_marks(store, PROBE)? };
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
    pub(crate) fn totals(&self) -> Totals {
        let Writer { meta, home, next_row, .. } = self;
        Totals { meta: *meta, database: home.database, actor: home.actor, next_row: *next_row }
    }

    fn load(store: &dyn Store, snapshot: &dyn Snapshot) -> Result<Writer> {
        let mut writer = Writer::read(snapshot)?;
        if !writer.is_at_home(store, snapshot)? {
            writer.take_new_actor(store)?;
        }
        Ok(writer)
    }

    /// The state of a writer, as the store has it.
    pub(crate) fn read(snapshot: &dyn Snapshot) -> Result<Writer> {
        let home =
            snapshot.get(rows::HOME)?.ok_or_else(|| Error::corrupt("the repo has lost its home row"))?;
        let (sequence, row) = last_row(snapshot)?;
        let meta =
            row_meta(&row)?.ok_or_else(|| Error::corrupt("the last row of the change log has no totals"))?;
        let all = rows::all(rows::LOG);
        let mut first = snapshot.scan(Range::between(&all.start, &all.end), Direction::Forward)?;
        let first_row =
            first.next()?.and_then(|(key, _)| super::changes::sequence_of(key)).unwrap_or(sequence);
        Ok(Writer {
            home: Home::decode(&home)?,
            clock: HybridClock::new(meta.time),
            meta,
            next_row: sequence + 1,
            first_row,
            mark: mark_of(sequence, &row),
            last_row: row.into(),
            indexed: snapshot.get(&rows::CONFLICTS_MARKER)?.is_some(),
            policies: Policies::read(snapshot)?,
            indexes: Catalog::read(snapshot)?,
            moved: false,
            stale: false,
            forked: false,
            doubt: None,
        })
    }

    /// Reads anew what the store holds, after somebody else wrote or a batch ended in the unknown.
    pub(crate) fn refresh(&mut self, snapshot: &dyn Snapshot) -> Result<()> {
        let read = Writer::read(snapshot)?;
        if let Some(doubt) = &self.doubt {
            // Nobody asked before, or it is the same answer: this looks before anything else is written.
            let _ = doubt.outcome.set(doubt.was_made(snapshot)?);
        }
        // A new actor that was never written is as good as it was; the clock never goes back.
        let home = if self.moved { self.home.clone() } else { read.home };
        let clock = if self.clock.last() > read.clock.last() { self.clock.clone() } else { read.clock };
        *self = Writer { home, clock, moved: self.moved, forked: self.forked, ..read };
        Ok(())
    }

    /// Whether the store is where it was when it was last written, and not an older copy.
    fn is_at_home(&self, store: &dyn Store, snapshot: &dyn Snapshot) -> Result<bool> {
        let Some(witness) = store.witness() else { return Ok(true) };
        if place(store)? != self.home.place {
            return Ok(false);
        }
        if !self.home.marked {
            return Ok(true);
        }
        let noted = witness.mark()?.unwrap_or_default();
        // The first row was written before there could be a mark of it; a mark of a later row is one of later content.
        let is_first = self.next_row == 1 && (noted.is_empty() || noted == PROBE);
        if noted == self.mark || is_first {
            return Ok(true);
        }
        // Killed between a batch and its note, which is then one of an earlier batch. Older content does not have the
        // row that the note is of.
        let was_killed = has_row_of(&noted, snapshot)?;
        if was_killed {
            witness.set_mark(&self.mark)?;
        }
        Ok(was_killed)
    }

    /// Before the first write from a new place: whoever wrote here before keeps their actor, wherever they are.
    fn take_new_actor(&mut self, store: &dyn Store) -> Result<()> {
        self.home.actor = random_actor()?;
        self.home.place = place(store)?;
        self.home.marked = keeps_marks(store, MOVED)?;
        self.moved = true;
        Ok(())
    }

    /// The batch is durable: notes its last row beside the content. This comes before the writer is told of the
    /// batch, so that what left the repo is never taken for what may be written anew.
    pub(crate) fn confirm(&mut self, store: &dyn Store, mark: Vec<u8>) {
        if let Some(witness) = store.witness().filter(|_| self.home.marked) {
            // The batch stands whatever becomes of the note: one that is too old costs a new actor.
            let _ = witness.set_mark(&mark);
        }
        self.mark = mark;
    }
}

/// Notes that are no mark of any row: of a repo that was just made, and of one that has taken a new actor and not written yet.
const PROBE: &[u8] = b"dronestore";
const MOVED: &[u8] = b"dronestore moved";

/// Whether the store keeps notes beside its content; it holds this one then.
fn keeps_marks(store: &dyn Store, note: &[u8]) -> Result<bool> {
    let Some(witness) = store.witness() else { return Ok(false) };
    witness.set_mark(note)?;
    Ok(witness.mark()?.as_deref() == Some(note))
}

/// Whether the change log has the row that a mark is of.
fn has_row_of(mark: &[u8], snapshot: &dyn Snapshot) -> Result<bool> {
    let Some(sequence) = mark.first_chunk().map(|bytes| u64::from_be_bytes(*bytes)) else { return Ok(false) };
    let row = snapshot.get(&rows::log(sequence))?;
    Ok(row.is_some_and(|row| mark_of(sequence, &row) == mark))
}
