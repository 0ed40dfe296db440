//! Filter: whether an object is wanted.

use super::compare::Op;
use super::json;
use super::path::{Path, Row};
use crate::error::Result;
use crate::value::{Integer, Plain, Seen, Value};
use serde::{Deserialize, Serialize};

/// Whether an object is wanted.
///
/// Cost of asking it: the attributes that it names are read, from the left to the right, until the answer is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// All of these hold; of none of them: always.
    And(Vec<Filter>),
    /// One of these holds; of none of them: never.
    Or(Vec<Filter>),
    /// This does not hold.
    Not(Box<Filter>),
    /// What stands at a path, compared with a value.
    Is(Path, Op, #[serde(with = "json")] Value),
    /// What stands there is one of these.
    In(Path, #[serde(with = "json::list")] Vec<Value>),
    /// A set or list there has this, a map there has this key.
    Has(Path, #[serde(with = "json")] Value),
    /// A text there begins with this.
    StartsWith(Path, String),
    /// A text there has this somewhere.
    Contains(Path, String),
    /// There is nothing, or null.
    IsNone(Path),
}

impl Default for Filter {
    fn default() -> Filter {
        Filter::And(Vec::new())
    }
}

impl Filter {
    /// Whether it asks for nothing.
    pub fn is_everything(&self) -> bool {
        matches!(self, Filter::And(all) if all.is_empty())
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Filter) -> Filter {
        match (self, other) {
            (ours, theirs) if ours.is_everything() => theirs,
            (ours, theirs) if theirs.is_everything() => ours,
            (Filter::And(mut all), Filter::And(more)) => {
                all.extend(more);
                Filter::And(all)
            }
            (Filter::And(mut all), other) => {
                all.push(other);
                Filter::And(all)
            }
            (ours, theirs) => Filter::And(vec![ours, theirs]),
        }
    }

    /// One of the two, or both.
    #[must_use]
    pub fn or(self, other: Filter) -> Filter {
        match (self, other) {
            (Filter::Or(mut any), Filter::Or(more)) => {
                any.extend(more);
                Filter::Or(any)
            }
            (Filter::Or(mut any), other) => {
                any.push(other);
                Filter::Or(any)
            }
            (ours, theirs) => Filter::Or(vec![ours, theirs]),
        }
    }

    /// The opposite.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "read beside `and` and `or`")]
    pub fn not(self) -> Filter {
        match self {
            Filter::Not(inner) => *inner,
            other => Filter::Not(Box::new(other)),
        }
    }

    /// Whether it holds of this object.
    ///
    /// # Errors
    /// As [`Row::attribute`].
    pub fn matches(&self, row: &(impl Row + ?Sized)) -> Result<bool> {
        Ok(match self {
            Filter::And(all) => {
                for filter in all {
                    if !filter.matches(row)? {
                        return Ok(false);
                    }
                }
                true
            }
            Filter::Or(any) => {
                for filter in any {
                    if filter.matches(row)? {
                        return Ok(true);
                    }
                }
                false
            }
            Filter::Not(inner) => !inner.matches(row)?,
            leaf => match leaf.path() {
                Some(path) => leaf.holds_of(&*path.read(row)?),
                None => false,
            },
        })
    }

    /// Whether a comparison holds of what stands at its path.
    pub(super) fn holds_of(&self, found: &Value) -> bool {
        match self {
            Filter::And(_) | Filter::Or(_) | Filter::Not(_) => false,
            Filter::Is(_, op, value) => op.holds(found, value),
            Filter::In(_, values) => values.iter().any(|value| Op::Eq.holds(found, value)),
            Filter::Has(_, value) => has(found, value),
            Filter::StartsWith(_, text) => found.as_text().is_some_and(|found| found.starts_with(text)),
            Filter::Contains(_, text) => found.as_text().is_some_and(|found| found.contains(text)),
            Filter::IsNone(_) => found.is_null(),
        }
    }

    /// The same of a value that is looked at where it stands.
    #[inline]
    pub(super) fn holds_of_plain(&self, found: Plain<'_>) -> bool {
        match (self, found.seen()) {
            (Filter::Is(_, op, Value::Integer(number)), Seen::Natural(found)) => {
                op.admits(Some(Integer::from(found).cmp(number)))
            }
            (Filter::Is(_, op, Value::Text(text)), Seen::Text(found)) => op.admits(Some(found.cmp(text))),
            (Filter::StartsWith(_, text), Seen::Text(found)) => found.starts_with(text),
            (Filter::Contains(_, text), Seen::Text(found)) => found.contains(text),
            _ => self.holds_of(&found.into()),
        }
    }

    /// What a comparison looks at.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Filter::And(_) | Filter::Or(_) | Filter::Not(_) => None,
            Filter::Is(path, ..)
            | Filter::In(path, _)
            | Filter::Has(path, _)
            | Filter::StartsWith(path, _)
            | Filter::Contains(path, _)
            | Filter::IsNone(path) => Some(path),
        }
    }

    pub(super) fn each_path(&mut self, change: &mut impl FnMut(&mut Path)) {
        match self {
            Filter::And(filters) | Filter::Or(filters) => {
                filters.iter_mut().for_each(|filter| filter.each_path(change));
            }
            Filter::Not(inner) => inner.each_path(change),
            Filter::Is(path, ..)
            | Filter::In(path, _)
            | Filter::Has(path, _)
            | Filter::StartsWith(path, _)
            | Filter::Contains(path, _)
            | Filter::IsNone(path) => change(path),
        }
    }

    /// All paths that it looks at, in order.
    pub fn paths(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        self.visit(&mut |path| paths.push(path));
        paths
    }

    /// Whether it looks at this attribute anywhere.
    pub(super) fn names(&self, attribute: &str) -> bool {
        let mut is_named = false;
        self.visit(&mut |path| is_named |= path.is_of(attribute));
        is_named
    }

    fn visit<'f>(&'f self, seen: &mut impl FnMut(&'f Path)) {
        match self {
            Filter::And(filters) | Filter::Or(filters) => {
                filters.iter().for_each(|filter| filter.visit(&mut *seen))
            }
            Filter::Not(inner) => inner.visit(seen),
            leaf => leaf.path().into_iter().for_each(seen),
        }
    }
}

pub(super) fn has(found: &Value, value: &Value) -> bool {
    match found {
        Value::List(items) => items.iter().any(|item| Op::Eq.holds(item, value)),
        Value::Map(entries) => entries.contains_key(value),
        Value::Some(inner) => has(inner, value),
        _ => false,
    }
}
