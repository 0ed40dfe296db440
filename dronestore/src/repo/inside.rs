//! Queries inside a transaction: they see what it wrote, and give values and no handles.

use super::query::{Find, Groups};
use super::transaction::Transaction;
use crate::drone::Drone;
use dronestore_core::query::{Condition, Cursor, Field, Projection, Sort};
use dronestore_core::{Key, Result};
use serde::de::DeserializeOwned;

impl Transaction<'_> {
    /// The objects of a model that are wanted, as the transaction would leave them; what it writes later is not seen.
    ///
    /// ```
    /// use dronestore::{Drone, Repo};
    ///
    /// #[derive(Drone)]
    /// struct Account {
    ///     #[merge(counter)]
    ///     balance: i64,
    /// }
    ///
    /// let repo = Repo::memory()?;
    /// repo.put("ann", Account { balance: 5 })?;
    /// let total = repo.transaction(|transaction| {
    ///     transaction.put("bob", Account { balance: 7 })?;
    ///     transaction.query::<Account>()?.sum(Account::fields().balance)
    /// })?;
    /// assert_eq!(total, 12);
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Mismatch`](crate::ErrorKind::Mismatch) where another Rust type has this kind.
    ///
    /// Cost: a copy of what the transaction has staged of the kind; then as for [`Repo::query`](super::Repo::query).
    pub fn query<T: Drone>(&mut self) -> Result<FindInside<T>> {
        self.repo.inner.models.check::<T>()?;
        let view = self.staged_view(T::KIND)?;
        Ok(FindInside(self.repo.query().within(view)))
    }
}

/// A query inside a transaction: a [`Find`] that gives values, because no handle leaves before the batch is durable.
#[derive(Debug)]
#[must_use]
pub struct FindInside<T>(Find<T>);

impl<T: Drone> FindInside<T> {
    /// As [`Find::filter`].
    pub fn filter(self, condition: Condition<T>) -> Self {
        FindInside(self.0.filter(condition))
    }

    /// As [`Find::matching`].
    pub fn matching(self, text: &str) -> Self {
        FindInside(self.0.matching(text))
    }

    /// As [`Find::order_by`].
    pub fn order_by(self, sort: Sort<T>) -> Self {
        FindInside(self.0.order_by(sort))
    }

    /// As [`Find::under`].
    pub fn under(self, key: &Key) -> Self {
        FindInside(self.0.under(key))
    }

    /// As [`Find::limit`].
    pub fn limit(self, limit: usize) -> Self {
        FindInside(self.0.limit(limit))
    }

    /// As [`Find::offset`].
    pub fn offset(self, offset: usize) -> Self {
        FindInside(self.0.offset(offset))
    }

    /// As [`Find::after`].
    pub fn after(self, cursor: Cursor) -> Self {
        FindInside(self.0.after(cursor))
    }

    /// The objects with their keys, one after the other; the transaction may write meanwhile.
    ///
    /// # Errors
    /// As [`Find::run`]. Cost: the same.
    pub fn run(self) -> Result<impl Iterator<Item = Result<(Key, T)>> + use<T>> {
        Ok(self.0.run()?.map(|found| found.map(|handle| handle.into_parts())))
    }

    /// As [`Find::first`].
    ///
    /// # Errors
    /// As [`Find::first`].
    pub fn first(self) -> Result<Option<(Key, T)>> {
        Ok(self.0.first()?.map(|handle| handle.into_parts()))
    }

    /// As [`Find::count`].
    ///
    /// # Errors
    /// As [`Find::count`].
    pub fn count(self) -> Result<usize> {
        self.0.count()
    }

    /// As [`Find::exists`].
    ///
    /// # Errors
    /// As [`Find::exists`].
    pub fn exists(self) -> Result<bool> {
        self.0.exists()
    }

    /// As [`Find::keys`].
    ///
    /// # Errors
    /// As [`Find::keys`].
    pub fn keys(self) -> Result<Vec<Key>> {
        self.0.keys()
    }

    /// As [`Find::select`].
    ///
    /// # Errors
    /// As [`Find::select`].
    pub fn select<P: Projection<T>>(self, fields: P) -> Result<Vec<P::Output>> {
        self.0.select(fields)
    }

    /// As [`Find::sum`].
    ///
    /// # Errors
    /// As [`Find::sum`].
    pub fn sum<F: DeserializeOwned>(self, field: Field<T, F>) -> Result<F> {
        self.0.sum(field)
    }

    /// As [`Find::min`].
    ///
    /// # Errors
    /// As [`Find::min`].
    pub fn min<F: DeserializeOwned>(self, field: Field<T, F>) -> Result<Option<F>> {
        self.0.min(field)
    }

    /// As [`Find::max`].
    ///
    /// # Errors
    /// As [`Find::max`].
    pub fn max<F: DeserializeOwned>(self, field: Field<T, F>) -> Result<Option<F>> {
        self.0.max(field)
    }

    /// As [`Find::group_by`].
    pub fn group_by<F: DeserializeOwned + Ord>(self, field: Field<T, F>) -> Groups<T, F> {
        self.0.group_by(field)
    }
}
