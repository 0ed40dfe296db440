//! What there is to know of the indexes of a repo.

use super::super::Repo;
use super::catalog::{Entry, State};
use dronestore_core::Result;
use dronestore_core::store::{Direction, Range, Snapshot};
use serde::Serialize;
use std::fmt;

/// An index of a repo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IndexInfo {
    /// The kind of its objects.
    pub kind: String,
    /// What is compared first, then what next: `last`, `home.city`.
    pub fields: Vec<String>,
    /// Whether no two objects should have the same values.
    pub unique: bool,
    /// How far it is.
    pub state: IndexState,
    /// How many rows it has: one an object, one an element where it is of a set, list or map.
    pub rows: u64,
    /// Its name in the store.
    #[serde(skip)]
    pub(super) number: u32,
}

/// How far an index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum IndexState {
    /// Queries use it.
    Ready,
    /// It is being built; [`Repo::build_indexes`] goes on with it.
    Building,
    /// It is being taken away.
    Dropping,
}

impl IndexInfo {
    fn new(entry: &Entry, snapshot: &dyn Snapshot) -> Result<IndexInfo> {
        let range = entry.range();
        let mut cursor = snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
        let mut rows = 0;
        while cursor.next()?.is_some() {
            rows += 1;
        }
        let state = match entry.state {
            State::Ready => IndexState::Ready,
            State::Building(_) => IndexState::Building,
            State::Dropping { .. } => IndexState::Dropping,
        };
        let definition = &entry.definition;
        let fields = definition.parts.iter().map(ToString::to_string).collect();
        let (kind, unique) = (definition.kind.clone(), definition.unique);
        Ok(IndexInfo { kind, fields, unique, state, rows, number: entry.number })
    }
}

impl fmt::Display for IndexState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IndexState::Ready => "ready",
            IndexState::Building => "building",
            IndexState::Dropping => "dropping",
        })
    }
}

/// `Person(last, first), ready, 250 rows`.
impl fmt::Display for IndexInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let IndexInfo { kind, fields, unique, state, rows, .. } = self;
        let unique = if *unique { ", unique" } else { "" };
        let s = if *rows == 1 { "" } else { "s" };
        write!(f, "{kind}({}){unique}, {state}, {rows} row{s}", fields.join(", "))
    }
}

impl Repo {
    /// The indexes that this repo has, in the order in which they came; no Rust type is needed.
    ///
    /// # Errors
    /// As [`Repo::view`]. Cost: walks over their rows to count them.
    pub fn indexes(&self) -> Result<Vec<IndexInfo>> {
        let snapshot = self.inner.store.snapshot()?;
        let catalog = self.inner.indexes.catalog(&*snapshot)?;
        catalog.entries.iter().map(|entry| IndexInfo::new(entry, &*snapshot)).collect()
    }
}
