//! Transaction: several objects in one batch, and the batch itself.

use super::branches::OnBranch;
use super::changes::{MAX_ROWS, Mask, RowsWriter, TRIMMED_ROWS, Told};
use super::forks::Learned;
use super::handles::Waiting;
use super::history::Recorder;
use super::index::{Entries, Indexing};
use super::lookup::Lookup;
use super::open::{Totals, Writer, mark_of};
use super::overlay::Shared;
use super::shapes::{NewShapes, read_head, write_head};
use super::staged::{Heads, Staged};
use super::watch::{Cause, News};
use super::{DatabaseId, Inner, Repo, rows};
use crate::drone::Drone;
use crate::versioned::{Doubt, Outcome};
use dronestore_core::schema::Schema;
use dronestore_core::store::{Bytes, Expectation, Snapshot, Write};
use dronestore_core::version::{Author, Shape};
use dronestore_core::{ActorId, Error, ErrorKind, Hash, Key, Result, Version};
use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread;

/// Several objects in one durable batch: what [`Repo::transaction`] hands to its closure.
pub struct Transaction<'h> {
    pub(crate) repo: Repo,
    pub(crate) snapshot: Box<dyn Snapshot>,
    /// The snapshot, once a query was asked of it.
    pub(crate) shared: Option<Shared>,
    /// The writer's state as it will be; put in place when the batch is durable.
    pub(crate) writer: Writer,
    pub(crate) staged: Heads,
    shapes: NewShapes,
    lookup: Lookup,
    pub(crate) handles: Vec<Box<dyn Waiting + 'h>>,
    /// The last type that may be used under its kind.
    last_model: Option<TypeId>,
    schemas: BTreeMap<String, (Hash, Schema)>,
    /// Rows that are written as they are: schemas from elsewhere, versions set aside.
    pub(crate) extra: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Rows of the index of conflicts, to write or to take away.
    pub(crate) index: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// What becomes history.
    pub(crate) history: Recorder,
    /// What is done to the indexes of fields.
    pub(crate) indexing: Indexing,
    /// Whether who or of which database the repo is has changed, which is to be written down.
    pub(crate) homed: bool,
    /// What is to be remembered of own writes.
    pub(crate) learned: Learned,
    /// Whether what is merged comes from a repo that is given to in turn.
    pub(crate) exchanges: bool,
    /// How what it writes came, for whoever watches.
    pub(crate) cause: Cause,
    /// Heads that the program merged into.
    pub(crate) merged: BTreeSet<Vec<u8>>,
    /// The branch that it writes on, if it is one's.
    pub(crate) on_branch: Option<OnBranch>,
}

impl std::fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction").field("repo", &self.repo).field("objects", &self.staged.len()).finish()
    }
}

/// Notes which thread writes, for as long as it does.
struct Writing<'r>(&'r Inner);

impl<'r> Writing<'r> {
    fn begin(inner: &'r Inner) -> Result<(MutexGuard<'r, Writer>, Writing<'r>)> {
        let me = Some(thread::current().id());
        if *inner.writing.lock().unwrap_or_else(PoisonError::into_inner) == me {
            return Err(Error::new(
                ErrorKind::Busy,
                "this thread is inside a transaction of the repo; use the transaction's own methods there",
            ));
        }
        let guard = inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
        *inner.writing.lock().unwrap_or_else(PoisonError::into_inner) = me;
        Ok((guard, Writing(inner)))
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        *self.0.writing.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Repo {
    /// Does something while nobody writes through this repo.
    pub(crate) fn while_none_writes<R>(&self, work: impl FnOnce() -> Result<R>) -> Result<R> {
        let _writing = Writing::begin(&self.inner)?;
        work()
    }

    /// Runs `work` and makes one batch of what it staged.
    pub(crate) fn write<'h, R>(&self, work: impl FnOnce(&mut Transaction<'h>) -> Result<R>) -> Result<R> {
        let (mut writer, _writing) = Writing::begin(&self.inner)?;
        let snapshot = self.inner.store.snapshot()?;
        if writer.stale {
            writer.refresh(&*snapshot)?;
            writer.forked = self.inner.own.settle();
            self.set_totals(&writer, News::nothing(writer.next_row));
        }
        let mut transaction = Transaction {
            repo: self.clone(),
            snapshot,
            shared: None,
            history: Recorder::new(writer.policies.are_on() || self.inner.undoers.are_there()),
            writer: writer.copy(),
            staged: Heads::default(),
            shapes: NewShapes::default(),
            lookup: Lookup::new(),
            handles: Vec::new(),
            last_model: None,
            schemas: BTreeMap::new(),
            extra: BTreeMap::new(),
            index: BTreeMap::new(),
            indexing: Indexing::default(),
            homed: false,
            learned: Learned::default(),
            exchanges: false,
            cause: Cause::Local,
            merged: BTreeSet::new(),
            on_branch: None,
        };
        let result = work(&mut transaction)?;
        match transaction.commit() {
            Ok((next, news)) => {
                *writer = next;
                self.set_totals(&writer, news);
            }
            Err((error, doubt)) => {
                // Whoever wrote in between, and whatever became of an unknown outcome, the store knows.
                writer.stale = true;
                if doubt.is_some() {
                    // Until the next write it says what is there, or two that hold the same would never know.
                    self.inner.unsure.store(true, Ordering::Release);
                    self.look_again();
                }
                writer.doubt = doubt;
                return Err(error);
            }
        }
        Ok(result)
    }
}

impl Repo {
    /// Says what the writer knows now, and what a batch did.
    fn set_totals(&self, writer: &Writer, news: News) {
        let mut totals = self.inner.totals.write().unwrap_or_else(PoisonError::into_inner);
        *totals = writer.totals();
        self.inner.unsure.store(false, Ordering::Release);
        drop(totals);
        self.inner.listeners.raise();
        self.inner.watchers.publish(news, writer.next_row);
    }

    /// Looks what the store holds, because a batch may have been made or still be made; the writer looks for itself before it
    /// writes. A store that cannot be read now can be later.
    pub(crate) fn look_again(&self) {
        let read = self.inner.store.snapshot().and_then(|snapshot| Writer::read(&*snapshot));
        let Ok(read) = read else { return };
        let mut totals = self.inner.totals.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody has written since, and knows better.
        if !self.inner.unsure.load(Ordering::Acquire) || totals.next_row == read.next_row {
            return;
        }
        // An actor that was taken because the file is a copy is not in the store before the first write.
        *totals = Totals { actor: totals.actor, ..read.totals() };
        drop(totals);
        self.inner.listeners.raise();
        self.inner.watchers.publish(News::nothing(read.next_row), read.next_row);
    }
}

impl Writer {
    fn copy(&self) -> Writer {
        let (home, clock, mark) = (self.home.clone(), self.clock.clone(), self.mark.clone());
        let (last_row, policies, indexes) =
            (self.last_row.clone(), self.policies.clone(), self.indexes.clone());
        Writer { home, clock, mark, last_row, policies, indexes, doubt: None, ..*self }
    }
}

impl Transaction<'_> {
    /// The version that stands there, staged or stored.
    pub(crate) fn head(&self, row: &[u8], key: &Key) -> Result<Option<Version>> {
        let bytes = match self.staged.get(row) {
            Some(staged) => Some(staged.value().into()),
            None => self.snapshot.get(row)?,
        };
        bytes.map(|bytes| self.read_head(key, bytes)).transpose()
    }

    /// As [`Transaction::head`], for whoever goes from row to row.
    pub(crate) fn stored(&mut self, row: &[u8], key: &Key) -> Result<Option<Version>> {
        let bytes = match self.staged.get(row) {
            Some(staged) => Some(staged.value().into()),
            None => self.lookup.get(row, &*self.snapshot)?,
        };
        bytes.map(|bytes| self.read_head(key, bytes)).transpose()
    }

    pub(crate) fn read_head(&self, key: &Key, bytes: Bytes) -> Result<Version> {
        read_head(key.clone(), bytes, |number| self.shape(number))
    }

    pub(crate) fn shape(&self, number: u32) -> Result<Arc<Shape>> {
        self.shapes.get(number, &self.repo.inner.shapes, &*self.snapshot)
    }

    /// Who commits in this transaction.
    pub(crate) fn author(&mut self) -> Author<'_> {
        let wall = self.repo.inner.clock.now();
        let actor = self.on_branch.as_ref().map_or(self.writer.home.actor, OnBranch::actor);
        Author { actor, clock: &mut self.writer.clock, wall }
    }

    /// Stages a new head, of which no history is told.
    pub(crate) fn stage_head(
        &mut self,
        row: Vec<u8>,
        version: &Version,
        before: Option<Hash>,
        changed: Option<&[&str]>,
    ) -> Result<()> {
        let (shape, next) = (version.shape(), &mut self.writer.meta.next_shape);
        let number = self.shapes.number(shape, &self.repo.inner.shapes, &*self.snapshot, next)?;
        let named = changed.filter(|_| number != 0);
        let mask = named.map_or(Mask::ANY, |changed| Mask::of(changed.iter().copied(), shape));
        let write = |out: &mut Vec<u8>| write_head(version, number, out);
        let Some(staged) = self.staged.get(&row) else {
            let mut staged = Staged::new(row, before);
            staged.mask = mask;
            staged.set_value(version.hash(), number, write);
            self.staged.insert(staged);
            return Ok(());
        };
        // What was written before stays written, wherever it stands in the new shape.
        let mask = match staged.number {
            0 => Mask::ANY,
            earlier => match (staged.mask.names(&*self.shape(earlier)?), mask.names(shape)) {
                (Some(names), Some(more)) => Mask::of(names.chain(more), shape).more(),
                _ => Mask::ANY,
            },
        };
        if let Some(staged) = self.staged.get_mut(&row) {
            staged.mask = mask;
            staged.set_value(version.hash(), number, write);
        }
        Ok(())
    }

    /// Notes that a staged head is not just one commit on what stood there.
    pub(crate) fn note_more(&mut self, version: &Version) {
        if let Some(staged) = self.staged.get_mut(&rows::head(version.kind(), version.key())) {
            staged.mask = staged.mask.more();
        }
    }

    /// Has the model's schema stored beside its objects.
    pub(crate) fn use_model<T: Drone>(&mut self) -> Result<()> {
        let id = Some(TypeId::of::<T>());
        if self.last_model == id {
            return Ok(());
        }
        self.repo.inner.models.check::<T>()?;
        // What is on a branch is in no index.
        if T::IS_INDEXED && self.on_branch.is_none() {
            self.declare_indexes::<T>()?;
        }
        self.last_model = id;
        if !self.schemas.contains_key(T::KIND)
            && let Some((hash, schema)) = self.repo.inner.models.to_store::<T>()
        {
            self.schemas.insert(T::KIND.to_owned(), (hash, schema));
        }
        Ok(())
    }

    /// The schemas that it has stored, by kind, if they are not there yet.
    pub(crate) fn new_schemas(&self) -> impl Iterator<Item = (&String, &Hash)> {
        self.schemas.iter().map(|(kind, (hash, _))| (kind, hash))
    }

    /// Joins the database of another repo; only an empty one can.
    pub(crate) fn join_database(&mut self, database: DatabaseId) {
        self.homed |= self.writer.home.database != database;
        self.writer.home.database = database;
        self.writer.moved = true;
    }

    /// Makes the batch durable and lets the handles move on; gives the writer's new state.
    fn commit(mut self) -> Result<(Writer, News), (Error, Option<Doubt>)> {
        let batch = self.batch().map_err(certain)?;
        if batch.is_empty() {
            self.handles.iter_mut().for_each(|handle| handle.settle());
            let news = News::nothing(self.writer.next_row);
            return Ok((self.writer, news));
        }
        // A snapshot that is held while its store is written keeps old pages from being reused.
        drop((self.snapshot, self.shared));
        let inner = &self.repo.inner;
        let row = rows::log(batch.first_row);
        let rows = batch.writes.len() + batch.entries.len() + batch.heads.len();
        let mut writes: Vec<Write<'_>> = Vec::with_capacity(rows + 1);
        writes.extend(batch.writes.iter().map(|(key, value)| Write { key, value: value.as_deref() }));
        writes.extend(batch.entries.writes());
        writes.extend(batch.heads.iter().map(|staged| Write::put(staged.row(), staged.value())));
        let home = self.writer.home.encode();
        if self.writer.moved {
            writes.push(Write::put(rows::HOME, &home));
        }
        // That the next row is absent does not say enough: another repo may have written and trimmed it.
        let last = rows::log(batch.first_row - 1);
        let expected = [Expectation::value(&last, &self.writer.last_row), Expectation::absent(&row)];
        if let Err(error) = inner.store.apply(&expected, &writes) {
            let doubt =
                (error.kind() == ErrorKind::Unknown).then(|| batch.doubt(self.writer.home.actor, &row));
            if let Some(doubt) = &doubt {
                inner.own.doubt(doubt.clone(), self.learned);
                self.handles.iter_mut().for_each(|handle| handle.doubt(doubt));
            }
            return Err((error, doubt));
        }
        self.writer.confirm(&*inner.store, batch.mark);
        self.writer.last_row = batch.last_row;
        for (number, shape) in self.shapes.iter() {
            inner.shapes.learn(*number, shape);
        }
        inner.models.stored(self.schemas.into_keys());
        inner.own.learn(self.learned, self.writer.next_row);
        inner.undoers.learn(self.history.did, self.history.taking.as_ref());
        self.handles.iter_mut().for_each(|handle| handle.settle());
        self.writer.moved = false;
        Ok((self.writer, batch.news))
    }

    /// The rows to write, in the order of their keys, with the writer's totals moved on.
    fn batch(&mut self) -> Result<Batch> {
        self.keep_apart();
        let mut batch = Batch::new(self.writer.next_row);
        let is_empty = self.staged.is_empty() && self.extra.is_empty() && self.index.is_empty();
        if is_empty && self.history.is_empty() && self.indexing.is_empty() && !self.homed {
            return Ok(batch);
        }
        self.record_history()?;
        let decided = self.follow_decisions()?;
        batch.entries = self.keep_indexes(&decided)?;
        batch.news = self.tell(&decided);
        batch.heads = std::mem::take(&mut self.staged).into_sorted();
        let mut log = RowsWriter::new();
        let mut kinds: Vec<&str> = Vec::new();
        for staged in &batch.heads {
            let told = staged.told();
            match &staged.before {
                Some(before) => self.writer.meta.remove(before),
                None => {
                    self.writer.meta.objects += 1;
                    // Heads are ordered by kind.
                    if kinds.last() != Some(&told.kind) {
                        kinds.push(told.kind);
                    }
                }
            }
            self.writer.meta.add(&staged.hash);
            log.push(&told);
        }
        for version in &decided {
            let next = &mut self.writer.meta.next_shape;
            let number =
                self.shapes.number(version.shape(), &self.repo.inner.shapes, &*self.snapshot, next)?;
            // It reads otherwise now, and is the same version.
            let hash = version.hash();
            let (kind, key, mask) = (version.kind(), version.key().as_encoded(), Mask::ANY);
            log.push(&Told { kind, key, old: Some(&hash), new: &hash, number, mask });
        }
        self.writer.meta.time = self.writer.clock.last();
        let log = log.finish(&self.writer.meta);
        batch.mark =
            mark_of(self.writer.next_row + log.len() as u64 - 1, log.last().map_or(&[], Vec::as_slice));
        batch.last_row = log.last().map_or(&[][..], Vec::as_slice).into();
        self.trim(&mut batch.writes);
        for row in log {
            batch.writes.push((rows::log(self.writer.next_row), Some(row)));
            self.writer.next_row += 1;
        }
        for kind in kinds {
            let row = rows::kind(kind);
            if self.snapshot.get(&row)?.is_none() {
                batch.writes.push((row, Some(Vec::new())));
            }
        }
        for (number, shape) in self.shapes.iter() {
            batch.writes.push((rows::shape_number(shape.hash()), Some(number.to_be_bytes().to_vec())));
            batch.writes.push((rows::shape(*number), Some(shape.as_bytes().to_vec())));
        }
        for (kind, (hash, schema)) in &self.schemas {
            let row = rows::schema(kind, hash);
            if self.snapshot.get(&row)?.is_none() {
                batch.writes.push((row, Some(schema.to_bytes()?)));
            }
        }
        batch
            .writes
            .extend(std::mem::take(&mut self.extra).into_iter().map(|(row, value)| (row, Some(value))));
        batch.writes.extend(std::mem::take(&mut self.index));
        batch.writes.extend(std::mem::take(&mut self.history.rows));
        if self.indexing.is_changed {
            batch.writes.push((rows::INDEXES.to_vec(), Some(self.writer.indexes.bytes().to_vec())));
        }
        Ok(batch)
    }

    /// Lets the older half of the change log go when it has grown long.
    fn trim(&mut self, writes: &mut Vec<(Vec<u8>, Option<Vec<u8>>)>) {
        if self.writer.next_row - self.writer.first_row < MAX_ROWS {
            return;
        }
        let end = self.writer.first_row + TRIMMED_ROWS;
        writes.extend((self.writer.first_row..end).map(|sequence| (rows::log(sequence), None)));
        self.writer.first_row = end;
    }
}

/// What one transaction writes.
struct Batch {
    /// All rows but the heads and those of indexes.
    writes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    entries: Entries,
    heads: Vec<Staged>,
    first_row: u64,
    mark: Vec<u8>,
    last_row: Arc<[u8]>,
    /// For whoever watches.
    news: News,
}

/// A failure after which nothing was written.
fn certain(error: Error) -> (Error, Option<Doubt>) {
    (error, None)
}

impl Batch {
    fn new(first_row: u64) -> Batch {
        let (writes, heads, mark, last_row) = Default::default();
        let (entries, news) = (Entries::default(), News::nothing(first_row));
        Batch { writes, entries, heads, first_row, mark, last_row, news }
    }

    /// What tells later whether the batch was made.
    fn doubt(&self, actor: ActorId, row: &[u8]) -> Doubt {
        let first = self.writes.iter().find(|(key, _)| key == row);
        let row = first.and_then(|(_, value)| value.clone()).unwrap_or_default();
        Doubt { actor, sequence: self.first_row, row: row.into(), outcome: Outcome::default() }
    }

    fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }
}
