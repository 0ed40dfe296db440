//! Queries: which objects, in which order, how many of them. Data, without any Rust type of a user.
//!
//! A [`Filter`] says of one object whether it is wanted, an [`Order`] which of two comes first; both look at
//! [`Path`]s into it. A [`Query`] is all of it together. It has a text form, which people type, and one in JSON, which
//! programs send; both come back as the query they were.
//!
//! Comparing is two-valued: what is absent and what is null are one, less than nothing and greater than nothing, equal to
//! null and to nothing else. Numbers are compared as numbers, whole ones with fractions too; values of two other types are
//! not equal, and neither is less.

mod asked;
mod bound;
mod check;
mod compare;
mod cursor;
mod filter;
pub mod index;
mod json;
mod links;
mod order;
mod path;
mod run;
mod text;
mod typed;

#[cfg(test)]
mod tests;

#[doc(hidden)]
pub use asked::{
    Comparable, IndexElements, IndexEntries, IndexItems, IndexOf, IndexWhole, fields_below, searched,
};
pub use bound::Bound;
pub use compare::{Op, compare_numbers};
pub use cursor::Cursor;
pub use filter::Filter;
pub use links::LinkField;
pub use order::{Direction, Order, SortKey};
pub use path::{Path, Root, Row, Step};
pub use run::{Answer, Found, Run};
pub use typed::{Below, Condition, Field, Long, Meta, Operand, Projection, Sort, Textual, meta};
#[doc(hidden)]
pub use typed::{Given, GivenNothing, GivenValue};

use crate::key::Key;
use serde::{Deserialize, Serialize};

/// Which objects, in which order, how many.
///
/// ```
/// use dronestore_core::query::Query;
/// let query: Query = r#"age >= 18 and tags has "tea" order by last, age desc limit 10"#.parse()?;
/// assert_eq!(query.order.len(), 2);
/// assert_eq!(query.to_string().parse::<Query>()?, query);
/// # Ok::<(), dronestore_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// Only at and below this key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under: Option<Key>,
    /// Only those of which this holds.
    #[serde(rename = "where", skip_serializing_if = "Filter::is_everything")]
    pub filter: Filter,
    /// By what they are ordered; where that leaves two equal, and where it is empty, by kind and key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Order>,
    /// Only those that come after this place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// How many of the first ones are left out.
    #[serde(skip_serializing_if = "is_zero")]
    pub offset: usize,
    /// How many at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Query {
    /// All objects.
    pub fn new() -> Query {
        Query::default()
    }

    /// Also this has to hold.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Query {
        self.filter = self.filter.and(filter);
        self
    }

    /// Calls this with every path of the filter and of the orders.
    pub fn each_path(&mut self, change: &mut impl FnMut(&mut Path)) {
        self.filter.each_path(change);
        self.order.iter_mut().for_each(|order| change(&mut order.by));
    }

    /// Ordered by this, where what was named before leaves two equal.
    #[must_use]
    pub fn order_by(mut self, order: Order) -> Query {
        self.order.push(order);
        self
    }

    /// Only at and below this key.
    #[must_use]
    pub fn under(mut self, key: &Key) -> Query {
        self.under = Some(key.clone());
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Query {
        self.limit = Some(limit);
        self
    }

    /// Without the first so many.
    #[must_use]
    pub fn offset(mut self, offset: usize) -> Query {
        self.offset = offset;
        self
    }

    /// Only what comes after this place, which [`SortKey::cursor`] of an earlier answer gave.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Query {
        self.after = Some(cursor);
        self
    }
}
