//! Running a query over objects that come in any order: what every store can do, and what an index is measured against.

use super::Query;
use super::cursor::Cursor;
use super::order::SortKey;
use super::path::Row;
use crate::error::{Error, ErrorKind, Result};
use std::cmp::Ordering;

/// An object that a query wants, with its place in the order.
#[derive(Debug, Clone)]
pub struct Found<R> {
    /// The object.
    pub row: R,
    /// Its place.
    pub place: SortKey,
}

/// What a query found.
#[derive(Debug, Clone)]
pub struct Answer<R> {
    /// The objects, in order.
    pub found: Vec<Found<R>>,
    /// Where to go on, where there may be more.
    pub next: Option<Cursor>,
}

/// A query under way: objects are offered one after the other.
///
/// With a limit it keeps at most twice as many objects as offset and limit together, without one all that it wants.
#[derive(Debug)]
pub struct Run<'q, R> {
    query: &'q Query,
    /// How many are needed at most.
    most: usize,
    kept: Vec<Found<R>>,
}

impl<'q, R: Row> Run<'q, R> {
    /// A run to which nothing was offered yet.
    ///
    /// # Errors
    /// [`InvalidValue`](ErrorKind::InvalidValue) where the cursor is one of a query with another order.
    pub fn new(query: &'q Query) -> Result<Run<'q, R>> {
        if let Some(cursor) = &query.after
            && cursor.place().values.len() != query.order.len()
        {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!(
                    "the cursor is one of a query ordered by {} values, and this one is ordered by {}",
                    cursor.place().values.len(),
                    query.order.len()
                ),
            ));
        }
        let most = query.limit.map_or(usize::MAX, |limit| limit.saturating_add(query.offset));
        Ok(Run { query, most, kept: Vec::new() })
    }

    /// Whether an object is wanted at all, wherever it stands in the order.
    ///
    /// # Errors
    /// As [`Row::attribute`].
    pub fn wants(&self, row: &R) -> Result<bool> {
        let under = self.query.under.as_ref();
        let is_under = under.is_none_or(|key| key == row.key() || key.is_ancestor_of(row.key()));
        Ok(is_under && self.query.filter.matches(row)?)
    }

    /// Offers an object.
    ///
    /// # Errors
    /// As [`Row::attribute`].
    pub fn offer(&mut self, row: R) -> Result<()> {
        if self.most == 0 || !self.wants(&row)? {
            return Ok(());
        }
        let place = SortKey::of(&self.query.order, &row)?;
        if let Some(after) = &self.query.after
            && place.compare(after.place(), &self.query.order).is_le()
        {
            return Ok(());
        }
        self.kept.push(Found { row, place });
        if self.kept.len() / 2 >= self.most {
            self.forget();
        }
        Ok(())
    }

    /// Forgets all but the first that are needed.
    fn forget(&mut self) {
        if self.kept.len() > self.most {
            let order = &self.query.order;
            self.kept.select_nth_unstable_by(self.most, |a, b| compare(a, b, order));
            self.kept.truncate(self.most);
        }
    }

    /// What was found.
    pub fn finish(mut self) -> Answer<R> {
        let may_be_more = self.kept.len() >= self.most;
        self.forget();
        let order = &self.query.order;
        self.kept.sort_unstable_by(|a, b| compare(a, b, order));
        let found = self.kept.split_off(self.query.offset.min(self.kept.len()));
        let next = found.last().filter(|_| may_be_more).map(|last| last.place.cursor());
        Answer { found, next }
    }
}

fn compare<R>(a: &Found<R>, b: &Found<R>, order: &[super::Order]) -> Ordering {
    a.place.compare(&b.place, order)
}
