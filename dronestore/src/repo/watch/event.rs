//! Events: what a batch did to objects of kinds that are watched.

use super::update::Cause;
use crate::drone::Drone;
use crate::given::Given;
use crate::repo::conflicts::{Heads, decisions};
use crate::repo::query::Columns;
use crate::versioned::Versioned;
use dronestore_core::model::load_ruled;
use dronestore_core::query::Row;
use dronestore_core::strategy::Rulings;
use dronestore_core::{Key, Nanotime, Result, Value, Version};
use std::borrow::Cow;
use std::sync::Arc;

/// An object at one moment: its version, and what was decided about its conflicts then.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Side {
    pub(crate) version: Version,
    /// `None` where there is nothing to decide.
    pub(crate) rulings: Option<Arc<Rulings>>,
}

/// One object in one batch.
#[derive(Debug)]
pub(crate) struct Event {
    /// `None` where the object was not there.
    pub(crate) old: Option<Side>,
    pub(crate) new: Side,
    pub(crate) cause: Cause,
}

/// What a batch did to the objects of one kind.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) events: Vec<Event>,
    /// The rows of the change log that the batch wrote.
    pub(crate) first_row: u64,
    pub(crate) next_row: u64,
}

/// What a transaction has to say to whoever watches.
pub(crate) struct News {
    /// Whoever began to watch later was not looked at.
    pub(crate) generation: u64,
    pub(crate) first_row: u64,
    pub(crate) kinds: Vec<KindNews>,
}

/// The same of one kind.
pub(crate) struct KindNews {
    pub(crate) kind: String,
    /// `None` where there was more than any queue holds, or it could not be read.
    pub(crate) events: Option<Vec<Event>>,
    /// Whether a schema of the kind came with it.
    pub(crate) schema: bool,
}

impl News {
    /// That nothing was written, and which row comes next.
    pub(crate) fn nothing(next_row: u64) -> News {
        News { generation: u64::MAX, first_row: next_row, kinds: Vec::new() }
    }
}

impl Side {
    /// A version, with what these heads know to be decided about it.
    pub(crate) fn of(heads: &impl Heads, version: Version) -> Result<Side> {
        let is_contested = !version.is_deleted() && version.may_have_rulings()?;
        let rulings = is_contested.then(|| decisions::rulings(heads, &version)).transpose()?;
        Ok(Side { version, rulings: rulings.map(Arc::new) })
    }

    /// The object, if it does not read as deleted.
    pub(crate) fn present(&self) -> Option<&Side> {
        (!self.version.is_deleted()).then_some(self)
    }

    pub(crate) fn rulings(&self) -> Option<&Rulings> {
        self.rulings.as_deref()
    }

    /// As a handle, which tells the repo when its version leaves.
    pub(crate) fn handle<T: Drone>(&self, given: &Arc<Given>) -> Result<Versioned<T>> {
        let (value, met) = load_ruled(&self.version, self.rulings())?;
        let decided = self.rulings.clone().filter(|rulings| met || !rulings.is_empty());
        let rulings = decided.or_else(|| met.then(Arc::default));
        let mut handle = Versioned::loaded(self.version.clone(), value, rulings);
        handle.given = Some(given.clone());
        Ok(handle)
    }
}

/// A side as a query sees it.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'s> {
    pub(crate) side: &'s Side,
    pub(crate) columns: &'s Columns,
}

impl Row for Seen<'_> {
    fn key(&self) -> &Key {
        self.side.version.key()
    }

    fn kind(&self) -> &str {
        self.side.version.kind()
    }

    fn created(&self) -> Nanotime {
        self.side.version.created()
    }

    fn committed(&self) -> Nanotime {
        self.side.version.committed()
    }

    fn attribute(&self, name: &str) -> Result<Option<Cow<'_, Value>>> {
        let value = self.columns.read_ruled(&self.side.version, name, self.side.rulings())?;
        Ok(value.map(Cow::Owned))
    }
}
