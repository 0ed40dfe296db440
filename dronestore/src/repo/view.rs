//! View: what stands in a repo at one moment.

use super::iterate::{Iter, Objects};
use super::name::ObjectName;
use super::{Inner, rows};
use crate::drone::Drone;
use crate::versioned::Versioned;
use dronestore_core::store::{Bytes, Snapshot};
use dronestore_core::{Key, Result, Version};
use std::sync::Arc;

/// What stands in a repo at one moment: reads through it agree with one another, and cost no snapshot each.
///
/// Keeping one for long keeps the store from reusing the space of what is overwritten meanwhile.
pub struct View {
    pub(crate) inner: Arc<Inner>,
    pub(crate) snapshot: Box<dyn Snapshot>,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("store", &self.inner.store.describe()).finish_non_exhaustive()
    }
}

impl View {
    pub(crate) fn new(inner: Arc<Inner>) -> Result<View> {
        let snapshot = inner.store.snapshot()?;
        Ok(View { inner, snapshot })
    }

    /// The object of this name or key; `None` where there is none or it reads as deleted.
    ///
    /// # Errors
    /// As [`Repo::get`](super::Repo::get).
    pub fn get<T: Drone>(&self, name: impl ObjectName) -> Result<Option<Versioned<T>>> {
        self.inner.models.check::<T>()?;
        let key = name.key(T::KIND)?;
        let version = self.version(T::KIND, &key)?.filter(|version| !version.is_deleted());
        version.map(Versioned::from_version).transpose()
    }

    /// Whether there is an object of this name or key that does not read as deleted.
    ///
    /// # Errors
    /// As [`Repo::view`](super::Repo::view).
    pub fn contains<T: Drone>(&self, name: impl ObjectName) -> Result<bool> {
        let version = self.version(T::KIND, &name.key(T::KIND)?)?;
        Ok(version.is_some_and(|version| !version.is_deleted()))
    }

    /// The version of an object, also of one that reads as deleted; needs no Rust type.
    ///
    /// # Errors
    /// As [`Repo::view`](super::Repo::view).
    pub fn version(&self, kind: &str, key: &Key) -> Result<Option<Version>> {
        let Some(bytes) = self.snapshot.get(&rows::head(kind, key))? else { return Ok(None) };
        self.read_head(key.clone(), bytes).map(Some)
    }

    /// All objects of a kind that do not read as deleted, in the order of their keys.
    ///
    /// # Errors
    /// As [`Repo::view`](super::Repo::view).
    pub fn iter<T: Drone>(self) -> Result<Iter<T>> {
        self.inner.models.check::<T>()?;
        Iter::new(self)
    }

    /// All versions at and below a key, of every kind, deleted ones too, in the order of their keys.
    ///
    /// # Errors
    /// As [`Repo::view`](super::Repo::view).
    pub fn objects(self, below: &Key) -> Result<Objects> {
        Objects::new(self, below)
    }

    pub(crate) fn read_head(&self, key: Key, bytes: Bytes) -> Result<Version> {
        self.inner.shapes.read_head(key, bytes, &*self.snapshot)
    }
}
