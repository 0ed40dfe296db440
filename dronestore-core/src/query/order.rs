//! Order: which of two objects comes first.

use super::compare::sorted;
use super::cursor::Cursor;
use super::path::{Path, Row};
use crate::error::Result;
use crate::key::Key;
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The least first; what is absent before everything.
    #[default]
    Asc,
    /// The greatest first; what is absent behind everything.
    Desc,
}

impl Direction {
    pub(super) fn apply(self, order: Ordering) -> Ordering {
        match self {
            Direction::Asc => order,
            Direction::Desc => order.reverse(),
        }
    }
}

/// By what objects are ordered, and which way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// What is compared.
    pub by: Path,
    /// Which way.
    #[serde(default)]
    pub direction: Direction,
}

impl Order {
    /// The least first.
    pub fn asc(by: Path) -> Order {
        Order { by, direction: Direction::Asc }
    }

    /// The greatest first.
    pub fn desc(by: Path) -> Order {
        Order { by, direction: Direction::Desc }
    }
}

/// The place of an object in an order: the values that it is ordered by, then kind and key, which make it the only one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    pub(super) values: Vec<Value>,
    pub(super) kind: String,
    pub(super) key: Key,
}

impl SortKey {
    /// The place of this object.
    ///
    /// # Errors
    /// As [`Row::attribute`].
    pub fn of(order: &[Order], row: &(impl Row + ?Sized)) -> Result<SortKey> {
        let values = order.iter().map(|order| Ok(order.by.read(row)?.into_owned())).collect::<Result<_>>()?;
        Ok(SortKey { values, kind: row.kind().to_owned(), key: row.key().clone() })
    }

    /// Which of two places comes first.
    pub fn compare(&self, other: &SortKey, order: &[Order]) -> Ordering {
        let pairs = self.values.iter().zip(&other.values).zip(order);
        let first = pairs.map(|((ours, theirs), order)| order.direction.apply(sorted(ours, theirs)));
        let by_values = first.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal);
        by_values.then_with(|| self.kind.cmp(&other.kind)).then_with(|| self.key.cmp(&other.key))
    }

    /// A cursor that stands behind this object.
    pub fn cursor(&self) -> Cursor {
        Cursor::behind(self.clone())
    }
}
