//! What a transaction does to objects: save, put, update, delete, read.

use super::conflicts::decisions;
use super::handles::{Move, Saved};
use super::name::ObjectName;
use super::transaction::Transaction;
use super::{handle, load, rows};
use crate::drone::Drone;
use crate::versioned::{CommitReport, Versioned, refuse_forked};
use dronestore_core::model::{self, Committed, Loaded, fresh};
use dronestore_core::strategy::Rulings;
use dronestore_core::version::{Commit, Merged, delete, forks, must_settle, named_as_in};
use dronestore_core::{Error, ErrorKind, Hash, Key, Result, Version};
use std::sync::Arc;

impl<'h> Transaction<'h> {
    /// Commits what was changed in the handle, onto what stands there now; see [`Repo::save`](super::Repo::save).
    ///
    /// A borrowed handle moves on when the transaction is durable.
    ///
    /// # Errors
    /// As [`Versioned::commit`]; an error here need not end the transaction: nothing was staged.
    pub fn save<T: Drone>(&mut self, handle: impl Into<Saved<'h, T>>) -> Result<CommitReport> {
        let mut saved: Saved<'h, T> = handle.into();
        self.use_model::<T>()?;
        let handle = saved.handle();
        let row = rows::head(T::KIND, handle.key());
        let mut stored = self.stored(&row, handle.key())?;
        self.resolve_pending(handle)?;
        T::canonicalize(handle);
        let (base, rulings) = handle.origin_ruled()?;
        let mut renamed = None;
        if let Some(base) = base.filter(|base| stored.as_ref() != Some(base)) {
            renamed = self.under_new_names(base)?;
            if handle.given.as_ref().is_some_and(|given| !Arc::ptr_eq(given, self.repo.inner.given())) {
                handle.share();
            }
            stored = self.meet_handle(&row, stored, renamed.as_ref().unwrap_or(base))?;
            let bears = |stored| named_as_in(renamed.as_ref().unwrap_or(base), stored);
            if let Some(named) = stored.as_ref().map(bears).transpose()?.flatten() {
                // What was changed in the handle is told from what it was read as.
                if !base.diff(&named)?.is_empty() {
                    return Err(refuse_forked(base));
                }
                renamed = Some(named);
            }
        }
        let base = renamed.as_ref().or(base);
        let head = joined(stored.as_ref(), base)?;
        let mut author = self.author();
        let based = (base, rulings.as_deref());
        let Loaded { result, notes, .. } =
            model::commit_ruled(handle.value(), handle.key(), based, head.as_ref(), &mut author)?;
        let plain = result.as_ref().is_some_and(|committed| committed.reads_as_written);
        let (onto, was_deleted) =
            (head.as_ref().map(Version::hash), head.as_ref().is_some_and(Version::is_deleted));
        let (version, mut report) = report(result, head, notes);
        let others = written_since(stored.as_ref(), base)?;
        (report.merged, report.theirs) = (others.is_some(), others.unwrap_or_default());
        // Loading comes first: what cannot be read back is not staged.
        let waiting = match (saved, &version) {
            (Saved::Borrowed(handle), Some(version)) => {
                Some(Move::new(handle, version.clone(), plain, self)?)
            }
            _ => None,
        };
        if let Some(version) = &version
            && stored.as_ref() != Some(version)
        {
            // What the handle brings besides is new here too, and what was deleted is gone.
            let is_all = onto == stored.as_ref().map(Version::hash) && !was_deleted;
            let changed = (report.is_new() && is_all).then_some(&report.changed[..]);
            match &report.commit {
                Some(commit) => self.stage_own(row, stored, (version, commit), changed)?,
                None => self.stage(row, version, stored.as_ref().map(Version::hash), changed)?,
            }
        }
        if let Some(waiting) = waiting {
            self.handles.push(Box::new(waiting));
        }
        Ok(report)
    }

    /// Sets the whole value of an object, having seen what stands there.
    ///
    /// # Errors
    /// As [`Transaction::save`].
    pub fn put<T: Drone>(&mut self, name: impl ObjectName, mut value: T) -> Result<CommitReport> {
        value.canonicalize();
        self.put_value(&name.key(T::KIND)?, &value)
    }

    pub(crate) fn put_value<T: Drone>(&mut self, key: &Key, value: &T) -> Result<CommitReport> {
        self.use_model::<T>()?;
        let row = rows::head(T::KIND, key);
        let stored = self.stored(&row, key)?;
        let rulings = match &stored {
            Some(version) if version.may_have_rulings()? => Some(decisions::rulings(self, version)?),
            _ => None,
        };
        self.write_value(row, key, value, (stored, rulings.as_ref()))
    }

    /// As [`Transaction::put`], and gives the handle to hand out when the batch is durable.
    pub(crate) fn put_handle<T: Drone>(&mut self, key: &Key, value: &T) -> Result<Versioned<T>> {
        self.put_value(key, value)?;
        let head = self.head(&rows::head(T::KIND, key), key)?;
        let missing = || Error::corrupt(format!("`{key}` is not there after it was written"));
        handle(self, head.ok_or_else(missing)?)
    }

    /// Changes an object in place, one with every field at its default if there is none.
    ///
    /// # Errors
    /// What the closure gives, and as [`Transaction::save`].
    pub fn update<T: Drone>(
        &mut self,
        name: impl ObjectName,
        change: impl FnOnce(&mut T) -> Result<()>,
    ) -> Result<CommitReport> {
        let key = name.key(T::KIND)?;
        self.use_model::<T>()?;
        let row = rows::head(T::KIND, &key);
        let stored = self.stored(&row, &key)?;
        let (mut value, rulings) = match &stored {
            Some(version) if !version.is_deleted() => load(self, version)?,
            _ => (fresh()?, None),
        };
        change(&mut value)?;
        value.canonicalize();
        self.write_value(row, &key, &value, (stored, rulings.as_deref()))
    }

    fn write_value<T: Drone>(
        &mut self,
        row: Vec<u8>,
        key: &Key,
        value: &T,
        (stored, rulings): (Option<Version>, Option<&Rulings>),
    ) -> Result<CommitReport> {
        // A deleted object is written anew, with no base: it starts clean.
        let base = stored.as_ref().filter(|version| !version.is_deleted());
        let mut author = self.author();
        let Loaded { result, notes, .. } =
            model::commit_ruled(value, key, (base, rulings), stored.as_ref(), &mut author)?;
        let plain = result.as_ref().is_some_and(|committed| committed.reads_as_written);
        let (version, report) = report(result, None, notes);
        if let (Some(version), Some(commit)) = (version, &report.commit) {
            if !plain {
                load::<T>(self, &version)?;
            }
            // What was deleted is gone, and no part of what was changed.
            let is_all = stored.as_ref().is_none_or(|stored| !stored.is_deleted());
            let changed = is_all.then_some(&report.changed[..]);
            self.stage_own(row, stored, (&version, commit), changed)?;
        }
        Ok(report)
    }

    /// Deletes an object, having seen all of what stands there; says whether there was one.
    ///
    /// # Errors
    /// As [`Transaction::save`].
    pub fn delete<T: Drone>(&mut self, name: impl ObjectName) -> Result<bool> {
        let key = name.key(T::KIND)?;
        let row = rows::head(T::KIND, &key);
        let Some(stored) = self.stored(&row, &key)?.filter(|version| !version.is_deleted()) else {
            return Ok(false);
        };
        let (version, commit) = delete(&stored, &stored, &mut self.author())?;
        self.stage_own(row, Some(stored), (&version, &commit), Some(&[]))?;
        Ok(true)
    }

    /// Stages what was committed here: it is remembered in case a copy of the repo writes too, its values have to be free,
    /// and it becomes history. `stored` is what it takes the place of, `changed` what was written, `None` for any.
    pub(crate) fn stage_own(
        &mut self,
        row: Vec<u8>,
        stored: Option<Version>,
        (version, commit): (&Version, &Commit),
        changed: Option<&[&str]>,
    ) -> Result<()> {
        let before = stored.as_ref().map(Version::hash);
        let is_on_head = commit.parent == before.unwrap_or(Hash::ZERO);
        self.note_own(&row);
        self.note_write(&row, stored, version);
        self.authored(commit);
        self.stage(row, version, before, changed)?;
        if !is_on_head {
            self.note_more(version);
        }
        Ok(())
    }

    /// The value of an object as the transaction would leave it; no handle leaves before the batch is durable.
    ///
    /// # Errors
    /// As [`Repo::get`](super::Repo::get).
    pub fn read<T: Drone>(&self, name: impl ObjectName) -> Result<Option<T>> {
        self.repo.inner.models.check::<T>()?;
        let key = name.key(T::KIND)?;
        let head = self.head(&rows::head(T::KIND, &key), &key)?;
        head.filter(|version| !version.is_deleted()).map(|version| Ok(load(self, &version)?.0)).transpose()
    }
}

/// What a handle is written onto: what stands there, with what the handle brings that is not there.
pub(crate) fn joined(stored: Option<&Version>, base: Option<&Version>) -> Result<Option<Version>> {
    Ok(match (stored, base) {
        (Some(stored), Some(base)) if stored == base => Some(stored.clone()),
        (Some(stored), Some(base)) => Some(match stored.merge(base)? {
            merged if forks(stored, base)? || must_settle(stored, base, &merged)? => {
                return Err(refuse_forked(base));
            }
            Merged::Known => stored.clone(),
            Merged::Forward => base.clone(),
            Merged::Joined(version) => version,
        }),
        (stored, base) => stored.or(base).cloned(),
    })
}

/// The attributes that others wrote since a handle was loaded; `None` where the stored object has not moved on.
fn written_since(stored: Option<&Version>, base: Option<&Version>) -> Result<Option<Vec<String>>> {
    let names = match (stored, base) {
        (None, _) => return Ok(None),
        (Some(stored), Some(base)) if stored == base || base.covers(stored)? => return Ok(None),
        (Some(stored), Some(base)) => base.diff(stored)?.attributes.into_iter().map(|one| one.name).collect(),
        // Whoever writes without a base onto what is deleted starts clean.
        (Some(stored), None) if stored.is_deleted() => return Ok(None),
        (Some(stored), None) => stored.attributes()?.into_iter().map(|one| one.name).collect(),
    };
    Ok(Some(names))
}

/// The version that a handle moves to, and what to tell of it.
fn report(
    result: Option<Committed>,
    head: Option<Version>,
    not_recorded: Vec<String>,
) -> (Option<Version>, CommitReport) {
    match result {
        Some(Committed { version, commit, changed, .. }) => {
            let report =
                CommitReport { commit: Some(commit), changed, not_recorded, ..CommitReport::default() };
            (Some(version), report)
        }
        None => (head, CommitReport { not_recorded, ..CommitReport::default() }),
    }
}

impl Transaction<'_> {
    /// Where a save of this handle ended in the unknown and was made after all, the handle goes on from what it
    /// made, with the value it has: nothing is written twice.
    fn resolve_pending<T: Drone>(&self, handle: &mut Versioned<T>) -> Result<()> {
        let Some(pending) = &handle.pending else { return Ok(()) };
        let doubt = &pending.doubt;
        let made = match doubt.outcome.get() {
            Some(made) => *made,
            // The store was opened again since: its change log still tells.
            None if doubt.actor == self.writer.home.actor => doubt.was_made(&*self.snapshot)?,
            None => {
                let key = handle.key();
                return Err(Error::new(
                    ErrorKind::Unknown,
                    format!("an earlier save of `{key}` ended in the unknown; save it there again first"),
                ));
            }
        };
        if let Some(pending) = handle.pending.take().filter(|_| made) {
            handle.rebase(pending.version);
        }
        Ok(())
    }
}
