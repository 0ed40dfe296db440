//! View: what stands in a repo at one moment.

use super::iterate::{Iter, Objects};
use super::name::ObjectName;
use super::overlay::Shared;
use super::shapes::read_head;
use super::{Inner, rows};
use crate::drone::Drone;
use crate::versioned::Versioned;
use dronestore_core::store::{Bytes, Snapshot};
use dronestore_core::version::Shape;
use dronestore_core::{Key, Result, Version};
use std::any::TypeId;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// What stands in a repo at one moment: reads through it agree with one another, and cost no snapshot each.
///
/// Keeping one for long keeps the store from reusing the space of what is overwritten meanwhile.
pub struct View {
    pub(crate) inner: Arc<Inner>,
    pub(crate) snapshot: Box<dyn Snapshot>,
    /// Whether its heads are those of which the rows of indexes tell.
    pub(crate) is_indexed: bool,
    /// The snapshot, once a query was asked of it.
    pub(crate) shared: Option<Shared>,
    /// The shape of the last head, which is mostly that of the next.
    last_shape: RefCell<Option<(u32, Arc<Shape>)>>,
    /// The last type that may be used under its kind.
    last_model: Cell<Option<TypeId>>,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("store", &self.inner.store.describe()).finish_non_exhaustive()
    }
}

impl View {
    pub(crate) fn new(inner: Arc<Inner>) -> Result<View> {
        let snapshot = inner.store.snapshot()?;
        Ok(View::of(inner, snapshot, true))
    }

    /// A view in which other heads stand in place of some of the repo's: these are in no index.
    pub(crate) fn over(inner: Arc<Inner>, snapshot: Box<dyn Snapshot>) -> View {
        View::of(inner, snapshot, false)
    }

    pub(crate) fn of(inner: Arc<Inner>, snapshot: Box<dyn Snapshot>, is_indexed: bool) -> View {
        let (shared, last_shape, last_model) = (None, RefCell::default(), Cell::default());
        View { inner, snapshot, is_indexed, shared, last_shape, last_model }
    }

    /// The object of this name or key; `None` where there is none or it reads as deleted.
    ///
    /// # Errors
    /// As [`Repo::get`](super::Repo::get).
    pub fn get<T: Drone>(&self, name: impl ObjectName) -> Result<Option<Versioned<T>>> {
        self.check_model::<T>()?;
        let key = name.key(T::KIND)?;
        let version = self.head(T::KIND, &key)?.filter(|version| !version.is_deleted());
        version.map(|version| super::handle(self, version)).transpose()
    }

    /// Whether there is an object of this name or key that does not read as deleted.
    ///
    /// # Errors
    /// As [`Repo::view`](super::Repo::view).
    pub fn contains<T: Drone>(&self, name: impl ObjectName) -> Result<bool> {
        let version = self.head(T::KIND, &name.key(T::KIND)?)?;
        Ok(version.is_some_and(|version| !version.is_deleted()))
    }

    /// The version of an object, also of one that reads as deleted; needs no Rust type. What stands in the repo counts as
    /// known elsewhere from then on: should the repo turn out to be a copy, these writes keep their names if they can.
    ///
    /// # Errors
    /// As [`Repo::view`](super::Repo::view).
    pub fn version(&self, kind: &str, key: &Key) -> Result<Option<Version>> {
        self.inner.give_away();
        self.head(kind, key)
    }

    /// As [`View::version`], for what stays here.
    pub(crate) fn head(&self, kind: &str, key: &Key) -> Result<Option<Version>> {
        let Some(bytes) = rows::with_head(kind, key, |row| self.snapshot.get(row))? else { return Ok(None) };
        self.read_head(key.clone(), bytes).map(Some)
    }

    /// All objects of a kind that do not read as deleted, in the order of their keys.
    ///
    /// # Errors
    /// As [`Repo::view`](super::Repo::view).
    pub fn iter<T: Drone>(self) -> Result<Iter<T>> {
        self.check_model::<T>()?;
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
        read_head(key, bytes, |number| self.shape(number))
    }

    /// The shape of this number.
    pub(crate) fn shape(&self, number: u32) -> Result<Arc<Shape>> {
        let last = self.last_shape.borrow().clone();
        if let Some((_, shape)) = last.filter(|(last, _)| *last == number) {
            return Ok(shape);
        }
        let shape = self.inner.shapes.get(number, &*self.snapshot)?;
        *self.last_shape.borrow_mut() = Some((number, shape.clone()));
        Ok(shape)
    }

    fn check_model<T: Drone>(&self) -> Result<()> {
        let id = Some(TypeId::of::<T>());
        if self.last_model.get() != id {
            self.inner.models.check::<T>()?;
            self.last_model.set(id);
        }
        Ok(())
    }
}
