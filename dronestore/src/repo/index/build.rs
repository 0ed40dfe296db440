//! Building indexes of what is there already, in batches: each notes how far it came, so that a build that was stopped goes on.

use super::super::iterate::next_head;
use super::super::transaction::Transaction;
use super::super::{Repo, rows};
use super::catalog::{Entry, State};
use super::info::IndexInfo;
use crate::drone::Drone;
use dronestore_core::store::{Direction, Range};
use dronestore_core::{Error, ErrorKind, Result};
use std::sync::Arc;

/// How many objects are indexed in one batch.
const OBJECTS: usize = 1000;
/// How many rows are taken away in one batch.
const ROWS: usize = 10_000;

/// How far a build has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BuildProgress {
    /// Objects that were looked at since the call began.
    pub objects: u64,
    /// Rows of indexes that were written, or taken away.
    pub rows: u64,
}

/// What a step of a build came to.
struct Step {
    objects: u64,
    rows: u64,
}

impl Repo {
    /// Builds the indexes that a model asks for, as far as they are not there.
    ///
    /// Others may write meanwhile, and what they write is indexed with it. A build that is stopped in any way goes on where it
    /// was when this is called again.
    ///
    /// ```
    /// use dronestore::{Drone, Repo};
    ///
    /// #[derive(Drone)]
    /// struct City {
    ///     #[merge(latest)]
    ///     #[drone(index)]
    ///     country: String,
    /// }
    ///
    /// let repo = Repo::memory()?;
    /// repo.put("bern", City { country: "CH".into() })?;
    /// repo.build_indexes::<City>()?;
    /// assert_eq!(repo.indexes()?[0].to_string(), "City(country), ready, 1 row");
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Repo::save`]. Cost: reads the objects of the kind, and one durable batch for each thousand of them.
    pub fn build_indexes<T: Drone>(&self) -> Result<BuildProgress> {
        self.build_indexes_with::<T>(|_| true)
    }

    /// The same, and is told after each batch how far it came; where it answers `false` the build stops, to go on another time.
    ///
    /// # Errors
    /// As [`Repo::build_indexes`].
    pub fn build_indexes_with<T: Drone>(
        &self,
        mut go_on: impl FnMut(&BuildProgress) -> bool,
    ) -> Result<BuildProgress> {
        self.inner.models.check::<T>()?;
        let definitions = self.inner.indexes.declared::<T>()?;
        self.attempt(|| self.write(|transaction| transaction.declare_indexes::<T>()))?;
        let catalog = self.inner.indexes.catalog(&*self.inner.store.snapshot()?)?;
        let asked = definitions.iter().filter_map(|definition| catalog.of(definition));
        let numbers: Vec<u32> = asked.filter(|entry| !entry.is_ready()).map(|entry| entry.number).collect();
        self.work_on(&numbers, &mut go_on)
    }

    /// Builds the indexes that a model asks for anew, from nothing. Until that is done queries do without them.
    ///
    /// # Errors
    /// As [`Repo::build_indexes`]. Cost: the same, and takes the rows away first.
    pub fn rebuild_indexes<T: Drone>(&self) -> Result<BuildProgress> {
        self.build_indexes_with::<T>(|_| false)?;
        let definitions = self.inner.indexes.declared::<T>()?;
        self.attempt(|| {
            self.write(|transaction| {
                for definition in definitions.iter() {
                    let number = transaction.writer.indexes.of(definition).map(|entry| entry.number);
                    transaction.drop_rows(number, true)?;
                }
                Ok(())
            })
        })?;
        self.build_indexes::<T>()
    }

    /// Takes an index away. Where a model that is in use asks for it, it comes back with the next write.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where it is gone already; as [`Repo::save`].
    ///
    /// Cost: one durable batch for each ten thousand of its rows.
    pub fn drop_index(&self, index: &IndexInfo) -> Result<()> {
        self.attempt(|| {
            self.write(|transaction| {
                let known = transaction.writer.indexes.entry(index.number).map(|entry| entry.number);
                if known.is_none() {
                    return Err(Error::new(ErrorKind::NotFound, format!("there is no index {index}")));
                }
                transaction.drop_rows(known, false)
            })
        })?;
        self.work_on(&[index.number], &mut |_| true).map(drop)
    }

    /// Goes on with these indexes until nothing is left to be done.
    fn work_on(
        &self,
        numbers: &[u32],
        go_on: &mut dyn FnMut(&BuildProgress) -> bool,
    ) -> Result<BuildProgress> {
        let mut progress = BuildProgress { objects: 0, rows: 0 };
        while let Some(step) = self.attempt(|| self.write(|transaction| transaction.work_on(numbers)))? {
            progress.objects += step.objects;
            progress.rows += step.rows;
            if !go_on(&progress) {
                break;
            }
        }
        Ok(progress)
    }
}

impl Transaction<'_> {
    fn set_state(&mut self, number: u32, state: Option<State>, has_residue: bool) -> Result<()> {
        self.writer.indexes = self
            .writer
            .indexes
            .with_changed(number, |entry| state.clone().map(|state| entry.with(state, has_residue)))?;
        self.indexing.is_changed = true;
        Ok(())
    }

    fn drop_rows(&mut self, number: Option<u32>, again: bool) -> Result<()> {
        match number {
            Some(number) => self.set_state(number, Some(State::Dropping { again }), false),
            None => Ok(()),
        }
    }

    /// One batch of work on these indexes; `None` where there is none.
    fn work_on(&mut self, numbers: &[u32]) -> Result<Option<Step>> {
        let catalog = self.writer.indexes.clone();
        let entries: Vec<&Arc<Entry>> = numbers.iter().filter_map(|number| catalog.entry(*number)).collect();
        for entry in &entries {
            if let State::Dropping { again } = entry.state {
                return self.take_rows(entry, again).map(Some);
            }
        }
        // Those that came equally far go on together.
        let least = entries.iter().filter_map(|entry| match &entry.state {
            State::Building(after) => Some((&entry.definition.kind, after)),
            _ => None,
        });
        let Some((kind, after)) = least.min() else { return Ok(None) };
        let state = State::Building(after.clone());
        let together = entries.iter().filter(|entry| entry.state == state && entry.definition.kind == *kind);
        self.index_some(kind, after, &together.copied().collect::<Vec<_>>()).map(Some)
    }

    fn take_rows(&mut self, entry: &Arc<Entry>, again: bool) -> Result<Step> {
        let range = entry.range();
        let mut cursor = self.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
        let mut taken = 0;
        while taken < ROWS {
            let Some((row, _)) = cursor.next()? else { break };
            self.indexing.entries.push([row, &[]], false);
            taken += 1;
        }
        if taken < ROWS {
            self.set_state(entry.number, again.then(|| State::Building(Vec::new())), false)?;
        }
        Ok(Step { objects: 0, rows: taken as u64 })
    }

    fn index_some(&mut self, kind: &str, after: &[u8], together: &[&Arc<Entry>]) -> Result<Step> {
        let heads = rows::heads_of_kind(kind);
        // What is indexed already is not looked at again; no key begins with the byte 0.
        let start =
            if after.is_empty() { heads.start } else { [&rows::head_of(kind, after)[..], &[0]].concat() };
        let mut cursor = self.snapshot.scan(Range::between(&start, &heads.end), Direction::Forward)?;
        let mut entries = std::mem::take(&mut self.indexing.entries);
        let mut residues = vec![false; together.len()];
        let (mut last, mut objects) = (None, 0);
        while objects < OBJECTS {
            let Some(head) = next_head(&mut *cursor)? else { break };
            let version = self.read_head(&head.key, head.bytes)?;
            for (entry, residue) in together.iter().zip(&mut residues) {
                *residue |= !self.index_rows(entry, &version, &mut entries)?;
            }
            last = Some(head.key);
            objects += 1;
        }
        let rows = entries.len() as u64;
        self.indexing.entries = entries;
        for (entry, residue) in together.iter().zip(residues) {
            let state = match last.as_ref().filter(|_| objects == OBJECTS) {
                Some(last) => State::Building(last.as_encoded().to_vec()),
                None => State::Ready,
            };
            self.set_state(entry.number, Some(state), entry.has_residue || residue)?;
        }
        Ok(Step { objects: objects as u64, rows })
    }
}
