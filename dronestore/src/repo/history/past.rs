//! Past: the history of one object, as of one moment.

use super::log::{Graph, Log};
use super::moment::Moment;
use super::run::Runs;
use crate::drone::Drone;
use crate::repo::name::ObjectName;
use crate::repo::{Repo, View, handle};
use crate::versioned::Versioned;
use dronestore_core::schema::Schema;
use dronestore_core::version::Diff;
use dronestore_core::{Error, ErrorKind, Key, Nanotime, Result, Version};
use std::fmt;
use std::marker::PhantomData;

impl Repo {
    /// The history of an object, as far as it is kept: see [`History`](super::History).
    ///
    /// # Errors
    /// As [`Repo::get`].
    ///
    /// Cost: a snapshot; what is asked of it costs what its part says.
    pub fn history<T: Drone>(&self, name: impl ObjectName) -> Result<Past<T>> {
        self.inner.models.check::<T>()?;
        Past::new(self.view()?, T::KIND, name.key(T::KIND)?)
    }

    /// As [`Repo::history`], without the Rust type.
    ///
    /// # Errors
    /// As [`Repo::view`].
    pub fn history_of(&self, kind: &str, key: &Key) -> Result<Past> {
        Past::new(self.view()?, kind, key.clone())
    }

    /// An object as it stood then: at a version of it, or at a time; `None` where there was none, or it read as deleted.
    ///
    /// What is changed in the handle and saved is written as by one who has seen no more than that: beside what came
    /// later, as concurrent. [`Repo::revert`] sets the object back.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) where the history does not go back that far or has no such version.
    ///
    /// Cost: unpacks block by block back to that moment. By time it makes again the versions of one block; by
    /// version those of every block on the way.
    pub fn at<T: Drone>(
        &self,
        name: impl ObjectName,
        moment: impl Into<Moment>,
    ) -> Result<Option<Versioned<T>>> {
        self.history::<T>(name)?.at(moment)
    }
}

/// The history of one object, as of one moment: what came later is not in it.
///
/// With a Rust type ([`Repo::history`]) versions of it can be had as values; without ([`Repo::history_of`]) as versions.
pub struct Past<T = ()> {
    pub(super) view: View,
    pub(super) kind: String,
    pub(super) key: Key,
    model: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Past<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Past({} {})", self.kind, self.key)
    }
}

impl<T> Past<T> {
    fn new(view: View, kind: &str, key: Key) -> Result<Past<T>> {
        Ok(Past { view, kind: kind.to_owned(), key, model: PhantomData })
    }

    /// The object's key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The changes, the newest first: who, when, which fields, old and new. Displays, entry by entry, as `git log` does.
    ///
    /// # Errors
    /// As [`Repo::view`]; the entries fail where the history is damaged.
    ///
    /// Cost: makes every version that is told again and compares it with the one before; memory is that of one run of 256 changes, or of 16 MiB of versions if they are larger.
    pub fn log(&self) -> Result<Log> {
        let head = self.head()?;
        Log::new(self.runs(head.as_ref())?, self.key.clone(), self.schema()?)
    }

    /// The versions and which came of which. A merge has two parents at least, of which only the one that stood here is kept.
    ///
    /// # Errors
    /// As [`Past::log`]. Cost: that of the whole log.
    pub fn graph(&self) -> Result<Graph> {
        Graph::of(self.log()?)
    }

    /// The version that stood here then, also one that reads as deleted.
    ///
    /// # Errors
    /// As [`Repo::at`].
    pub fn version_at(&self, moment: impl Into<Moment>) -> Result<Option<Version>> {
        let head = self.head()?;
        let mut runs = self.runs(head.as_ref())?;
        super::moment::version_at(head, &mut runs, &self.key, moment.into())
    }

    /// What two versions that stood here differ in.
    ///
    /// # Errors
    /// As [`Repo::at`]; [`NotFound`](ErrorKind::NotFound) where there was no object at one of the two.
    pub fn diff(&self, ours: impl Into<Moment>, theirs: impl Into<Moment>) -> Result<Diff> {
        let stood = |moment: Moment| {
            let missing =
                || Error::new(ErrorKind::NotFound, format!("there was no object `{}` {moment}", self.key));
            self.version_at(moment)?.ok_or_else(missing)
        };
        stood(ours.into())?.diff(&stood(theirs.into())?)
    }

    /// Since when the history is kept without a gap; `None` where nothing of it is.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt) where it is damaged. Cost: reads all of it.
    pub fn since(&self) -> Result<Option<Nanotime>> {
        let (mut runs, mut since) = (self.runs(self.head()?.as_ref())?, None);
        while let Some(run) = runs.next()? {
            since = run.entries.first().map(|entry| entry.time).or(since);
        }
        Ok(since)
    }

    pub(super) fn head(&self) -> Result<Option<Version>> {
        self.view.version(&self.kind, &self.key)
    }

    /// The runs that lead to what stands there.
    fn runs(&self, head: Option<&Version>) -> Result<Runs> {
        let keeps = self.view.keeps_history(&self.kind)?;
        Runs::told(&*self.view.snapshot, (&self.kind, &self.key), head.map(Version::hash), keeps)
    }

    pub(super) fn schema(&self) -> Result<Option<Schema>> {
        let known = self.view.inner.models.schemas().into_iter().find(|schema| schema.kind == self.kind);
        known.map_or_else(|| self.view.schema_of(&self.kind), |schema| Ok(Some(schema)))
    }
}

impl<T: Drone> Past<T> {
    /// The object as it stood then: see [`Repo::at`].
    ///
    /// # Errors
    /// As [`Repo::at`].
    pub fn at(&self, moment: impl Into<Moment>) -> Result<Option<Versioned<T>>> {
        let version = self.version_at(moment)?.filter(|version| !version.is_deleted());
        version.map(|version| handle(&self.view, version)).transpose()
    }
}
