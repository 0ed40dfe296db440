//! What a transaction saves: a handle that moves on with it, or one that it takes.

use super::conflicts::Decided;
use super::transaction::Transaction;
use crate::drone::Drone;
use crate::given::Given;
use crate::versioned::{Doubt, Pending, Versioned};
use dronestore_core::{Result, Version};
use std::sync::Arc;

/// A handle to save: borrowed, so that it moves on when the batch is durable, or given away.
#[derive(Debug)]
pub enum Saved<'h, T> {
    /// Moves on when the batch is durable.
    Borrowed(&'h mut Versioned<T>),
    /// Is dropped with the transaction.
    Owned(Box<Versioned<T>>),
}

impl<'h, T> From<&'h mut Versioned<T>> for Saved<'h, T> {
    fn from(handle: &'h mut Versioned<T>) -> Self {
        Saved::Borrowed(handle)
    }
}

impl<T> From<Versioned<T>> for Saved<'_, T> {
    fn from(handle: Versioned<T>) -> Self {
        Saved::Owned(Box::new(handle))
    }
}

impl<T> Saved<'_, T> {
    pub(crate) fn handle(&mut self) -> &mut Versioned<T> {
        match self {
            Saved::Borrowed(handle) => handle,
            Saved::Owned(handle) => handle,
        }
    }
}

/// A handle that waits for its batch.
pub(crate) trait Waiting {
    /// The batch is durable: the handle moves to the version that it made.
    fn settle(&mut self);

    /// The batch may or may not be there: the handle notes what to look for.
    fn doubt(&mut self, doubt: &Doubt);
}

/// A handle, the version it moves to, and that version's value, loaded while a failure could still be told.
pub(crate) struct Move<'h, T> {
    handle: &'h mut Versioned<T>,
    version: Version,
    value: Option<Decided<T>>,
    given: Arc<Given>,
}

impl<'h, T: Drone> Move<'h, T> {
    pub(crate) fn new(
        handle: &'h mut Versioned<T>,
        version: Version,
        reads_as_written: bool,
        transaction: &Transaction<'_>,
    ) -> Result<Self> {
        // What was loaded with a conflict in it may read otherwise by now, without a write of its own.
        let stays = reads_as_written && !handle.meets_conflicts();
        let value = if stays { None } else { Some(super::load(transaction, &version)?) };
        Ok(Move { handle, version, value, given: transaction.repo.inner.given().clone() })
    }
}

impl<T: Drone> Waiting for Move<'_, T> {
    fn settle(&mut self) {
        self.handle.settle(self.version.clone(), self.value.take());
        self.handle.given = Some(self.given.clone());
    }

    fn doubt(&mut self, doubt: &Doubt) {
        let pending = Pending { version: self.version.clone(), doubt: doubt.clone() };
        self.handle.pending = Some(Box::new(pending));
    }
}
