//! Keep: an index with the place in the change log up to which it has read, and the way forward.

use super::fault::{fault, guarded};
use super::layout::Layout;
use super::place::Place;
use super::plan::{Plan, Reader};
use super::state::State;
use super::walk::Progress;
use crate::repo::{Followed, Standing};
use crate::{ErrorKind, Key, Result, Version, View};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tantivy::indexer::IndexWriterOptions;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher};

/// How much memory documents may take up before they are written out: as little as tantivy takes, for by this it chooses how
/// large a table it fills for each commit, also for one of a single object.
const MEMORY: usize = 15 << 20;
/// How many changed objects are gathered, so that one which changed often is read once.
const GATHERED: usize = 50_000;
/// After how many rows of the log the place is noted, where nothing in them was to be indexed.
const ROWS: u64 = 1024;

/// An index with the place in the change log up to which it has read.
pub(super) struct Kept {
    place: Place,
    pub(super) layout: Arc<Layout>,
    index: Index,
    reader: IndexReader,
    /// Made when there is something to write, and kept: it merges segments meanwhile.
    writer: Option<IndexWriter>,
    /// As it was noted with the last commit.
    pub(super) state: State,
    /// The row of the log that is read next; that of the state or a later one.
    pub(super) next: u64,
    pub(super) mark: Vec<u8>,
}

impl Kept {
    /// The index that is there; an empty one where there is none that can be used.
    pub(super) fn open(place: Place, plan: &Plan, database: String) -> Result<Kept> {
        if let Ok((index, state)) = place.open() {
            return Kept::of(place, index, state);
        }
        let state = State::new(plan.clone(), database);
        let index = place.create(&Layout::of(&state.plan))?;
        Kept::of(place, index, state)
    }

    fn of(place: Place, index: Index, state: State) -> Result<Kept> {
        let reader = guarded(|| reader(&index))?;
        let (next, mark, layout) = (state.next, state.mark.clone(), Arc::new(Layout::of(&state.plan)));
        Ok(Kept { place, layout, index, reader, writer: None, state, next, mark })
    }

    /// Takes everything away, to be made anew.
    pub(super) fn start_over(&mut self, plan: Plan, database: String) -> Result<()> {
        // It has the files open.
        self.writer = None;
        let layout = Layout::of(&plan);
        self.index = self.place.create(&layout)?;
        self.reader = guarded(|| reader(&self.index))?;
        self.layout = Arc::new(layout);
        self.state = State::new(plan, database);
        (self.next, self.mark) = (0, Vec::new());
        Ok(())
    }

    pub(super) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    pub(super) fn bytes(&self) -> Result<Option<u64>> {
        self.place.bytes()
    }

    /// Whether it holds what stands in the repo at the end of its log.
    pub(super) fn is_at(&self, next: u64, mark: &[u8]) -> bool {
        self.state.walked.is_none() && self.next == next && self.mark == mark
    }

    /// Brings it to what stands in the view; `false` where it was stopped.
    pub(super) fn catch_up(
        &mut self,
        view: &View,
        database: &str,
        progress: &mut Progress<'_>,
    ) -> Result<bool> {
        let (next, mark) = view.end()?;
        if self.state.database != database {
            self.start_over(self.state.plan.clone(), database.to_owned())?;
        }
        let caught_up = guarded(|| self.work(view, (next, mark), progress));
        if !matches!(caught_up, Ok(true)) {
            // What is not committed is not to come with the next commit.
            self.writer = None;
            (self.next, self.mark) = (self.state.next, self.state.mark.clone());
        }
        caught_up
    }

    fn work(&mut self, view: &View, end: (u64, Vec<u8>), progress: &mut Progress<'_>) -> Result<bool> {
        let standing =
            if self.state.is_new() { Standing::Foreign } else { view.standing(self.next, &self.mark)? };
        match standing {
            Standing::Known => {}
            Standing::Lost if self.state.walked.is_none() => {
                if !self.compare(view, progress)? {
                    return Ok(false);
                }
                // Others than those of this repo would be left over.
                self.commit(State { next: end.0, mark: end.1.clone(), ..self.state.clone() })?;
                if progress.present == self.searcher().num_docs() {
                    return Ok(true);
                }
                self.begin(&end)?;
            }
            _ => self.begin(&end)?,
        }
        if self.state.walked.is_some() && !self.walk(view, progress)? {
            return Ok(false);
        }
        self.follow(view, end, progress)
    }

    /// An empty index that is to hold what stands in the repo now.
    fn begin(&mut self, end: &(u64, Vec<u8>)) -> Result<()> {
        if !self.state.is_new() {
            self.start_over(self.state.plan.clone(), self.state.database.clone())?;
        }
        (self.state.next, self.state.mark) = end.clone();
        (self.next, self.mark) = end.clone();
        Ok(())
    }

    /// Takes in what the change log tells.
    fn follow(&mut self, view: &View, end: (u64, Vec<u8>), progress: &mut Progress<'_>) -> Result<bool> {
        let mut changed: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
        let (mut gathered, mut goes_on) = (0, true);
        let plan = self.state.plan.clone();
        let mut written = false;
        let followed = view.follow(self.next, |changes| {
            for change in changes.into_iter().filter(|change| plan.kinds.contains_key(&change.kind)) {
                let keys = changed.entry(change.kind).or_default();
                gathered += usize::from(keys.insert(change.key));
            }
            if gathered >= GATHERED {
                gathered = 0;
                written = true;
                goes_on = self.take_in(view, &plan, std::mem::take(&mut changed), progress)?;
            }
            Ok(goes_on)
        })?;
        if let Followed::Lost = followed {
            // The row before it was there a moment ago, in the same snapshot.
            return Err(crate::Error::corrupt("the change log of the repo has a gap"));
        }
        written |= !changed.is_empty();
        if !goes_on || !self.take_in(view, &plan, changed, progress)? {
            return Ok(false);
        }
        (self.next, self.mark) = end.clone();
        let is_far = self.next.saturating_sub(self.state.next) >= ROWS;
        if written || is_far || self.state.walked.is_some() {
            let (next, mark) = end;
            self.commit(State { next, mark, walked: None, ..self.state.clone() })?;
        }
        Ok(true)
    }

    fn take_in(
        &mut self,
        view: &View,
        plan: &Plan,
        changed: BTreeMap<String, BTreeSet<Key>>,
        progress: &mut Progress<'_>,
    ) -> Result<bool> {
        for (kind, keys) in changed {
            let Some(searched) = plan.kinds.get(&kind) else { continue };
            let reader = searched.reader();
            for key in keys {
                if let Some(version) = view.head(&kind, &key)? {
                    self.put(view, &reader, &version, true)?;
                    progress.indexed += 1;
                }
                if !progress.step() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Indexes an object as it stands.
    pub(super) fn put(
        &mut self,
        view: &View,
        reader: &Reader<'_>,
        version: &Version,
        is_known: bool,
    ) -> Result<()> {
        let document = match version.is_deleted() {
            true => None,
            false => Some(self.layout.document(version, reader.texts(view, version)?)),
        };
        let term = is_known.then(|| self.layout.one(version.kind(), version.key()));
        let writer = self.writer()?;
        if let Some(term) = term {
            writer.delete_term(term);
        }
        if let Some(document) = document {
            writer.add_document(document).map_err(fault)?;
        }
        Ok(())
    }

    fn writer(&mut self) -> Result<&mut IndexWriter> {
        if self.writer.is_none() {
            let options = IndexWriterOptions::builder()
                .num_worker_threads(1)
                .num_merge_threads(1)
                .memory_budget_per_thread(MEMORY)
                .build();
            self.writer = Some(self.index.writer_with_options(options).map_err(fault)?);
        }
        self.writer
            .as_mut()
            .ok_or_else(|| crate::Error::new(ErrorKind::Store, "the search index has no writer"))
    }

    /// Makes durable what was indexed, together with the place it comes to.
    pub(super) fn commit(&mut self, state: State) -> Result<()> {
        let payload = state.to_text()?;
        let mut prepared = self.writer()?.prepare_commit().map_err(fault)?;
        prepared.set_payload(&payload);
        prepared.commit().map_err(fault)?;
        self.reader.reload().map_err(fault)?;
        (self.next, self.mark) = (state.next, state.mark.clone());
        self.state = state;
        Ok(())
    }
}

fn reader(index: &Index) -> Result<IndexReader> {
    index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(fault)
}
