//! Writing on a branch: a transaction over its snapshot, whose heads become rows of the branch.

use super::apart::Apart;
use super::handle::Branch;
use super::record::{self, Record};
use crate::drone::Drone;
use crate::random::random_actor;
use crate::repo::ValueReport;
use crate::repo::name::ObjectName;
use crate::repo::overlay::Nothing;
use crate::repo::transaction::Transaction;
use crate::versioned::{CommitReport, Versioned};
use dronestore_core::schema::Values;
use dronestore_core::{ActorId, Error, Key, Result};
use std::sync::Arc;

/// The branch that a transaction writes on.
pub(crate) struct OnBranch {
    pub(super) name: Arc<str>,
    pub(super) record: Record,
}

impl OnBranch {
    /// Who commits on the branch.
    pub(crate) fn actor(&self) -> ActorId {
        self.record.actor
    }
}

impl Branch {
    /// Commits what was changed in the handle and stores it on the branch; see [`Repo::save`](crate::Repo::save).
    ///
    /// Rules over several objects, such as `unique`, are asked when the branch is merged.
    ///
    /// # Errors
    /// As [`Repo::save`](crate::Repo::save) and [`Branch::info`]. A failed save changes nothing.
    ///
    /// Cost: as [`Repo::save`](crate::Repo::save), and a read.
    pub fn save<T: Drone>(&self, handle: &mut Versioned<T>) -> Result<CommitReport> {
        self.repo.attempt(|| self.transaction(|transaction| transaction.save(&mut *handle)))
    }

    /// Sets the whole value of an object on the branch; see [`Repo::put`](crate::Repo::put).
    ///
    /// # Errors
    /// As [`Branch::save`].
    pub fn put<T: Drone>(&self, name: impl ObjectName, mut value: T) -> Result<Versioned<T>> {
        let key = name.key(T::KIND)?;
        value.canonicalize();
        self.repo.attempt(|| self.transaction(|transaction| transaction.put_handle(&key, &value)))
    }

    /// Changes an object in place on the branch; see [`Repo::update`](crate::Repo::update).
    ///
    /// # Errors
    /// What the closure gives, and as [`Branch::save`].
    pub fn update<T: Drone>(
        &self,
        name: impl ObjectName,
        mut change: impl FnMut(&mut T) -> Result<()>,
    ) -> Result<CommitReport> {
        let key = name.key(T::KIND)?;
        self.repo.attempt(|| self.transaction(|transaction| transaction.update::<T>(&key, &mut change)))
    }

    /// Deletes an object on the branch, having seen all of what stands there; says whether there was one.
    ///
    /// Merged, it is a deletion like any other: what was written in the repo meanwhile brings the object back.
    ///
    /// # Errors
    /// As [`Branch::save`].
    pub fn delete<T: Drone>(&self, name: impl ObjectName) -> Result<bool> {
        let key = name.key(T::KIND)?;
        self.repo.attempt(|| self.transaction(|transaction| transaction.delete::<T>(&key)))
    }

    /// Changes values on the branch without the Rust type; see [`Repo::update_values`](crate::Repo::update_values).
    ///
    /// # Errors
    /// As [`Repo::update_values`](crate::Repo::update_values) and [`Branch::info`].
    pub fn update_values(
        &self,
        kind: &str,
        key: &Key,
        mut change: impl FnMut(&mut Values) -> Result<()>,
    ) -> Result<ValueReport> {
        self.repo
            .attempt(|| self.transaction(|transaction| transaction.update_values(kind, key, &mut change)))
    }

    /// Several objects at once on the branch, in one durable batch or not at all; see
    /// [`Repo::transaction`](crate::Repo::transaction). Conflicts are decided in the repo and not here.
    ///
    /// # Errors
    /// As [`Repo::transaction`](crate::Repo::transaction) and [`Branch::info`].
    pub fn transaction<'h, R>(&self, work: impl FnOnce(&mut Transaction<'h>) -> Result<R>) -> Result<R> {
        self.repo.write(|transaction| {
            transaction.enter(self)?;
            work(transaction)
        })
    }
}

impl Transaction<'_> {
    /// From here on this reads and writes on a branch. Nothing may have been staged before.
    pub(super) fn enter(&mut self, branch: &Branch) -> Result<()> {
        let mut record = branch.record(&*self.snapshot)?;
        if record.owner != self.writer.home.actor {
            // Somebody else may go on with the branch elsewhere, under the name that it had.
            record.actor = random_actor()?;
            record.owner = self.writer.home.actor;
        }
        let below = std::mem::replace(&mut self.snapshot, Box::new(Nothing));
        self.snapshot = Box::new(Apart::new(below, &record));
        // What happens apart is no history of the repo, and is not undone with its writes.
        self.history = Default::default();
        self.on_branch = Some(OnBranch { name: branch.name.clone(), record });
        Ok(())
    }

    /// The heads that were staged on a branch become rows of the branch.
    pub(in crate::repo) fn keep_apart(&mut self) {
        let Some(OnBranch { name, mut record }) = self.on_branch.take() else { return };
        if self.staged.is_empty() {
            return;
        }
        let prefix = record.prefix();
        for staged in std::mem::take(&mut self.staged).into_sorted() {
            self.extra.insert(record::apart(&prefix, staged.row()), staged.value().to_vec());
        }
        record.written = self.writer.clock.last();
        self.extra.insert(record::row_of(&name), record.encode());
    }

    /// Makes a branch, unless somebody else did meanwhile.
    pub(super) fn make_branch(&mut self, name: &str) -> Result<Record> {
        if let Some(record) = record::read(name, &*self.snapshot)? {
            return Ok(record);
        }
        let last = record::all(&*self.snapshot)?.iter().map(|(_, record)| record.number).max();
        let too_many = || Error::corrupt("there are no numbers left for branches");
        let number = last.map_or(Some(0), |last| last.checked_add(1)).ok_or_else(too_many)?;
        let (actor, now) = (random_actor()?, self.repo.inner.clock.now());
        let owner = self.writer.home.actor;
        let record = Record { number, id: actor, actor, owner, created: now, written: now };
        self.extra.insert(record::row_of(name), record.encode());
        Ok(record)
    }
}
