//! The walk of a query over heads.

use super::rows::{Columns, Record};
use crate::repo::rows;
use crate::repo::view::View;
use dronestore_core::query::{Query, Run, SortKey};
use dronestore_core::store::{Cursor, Direction, Range};
use dronestore_core::{Error, Key, Result, Version};

/// Everything that a query is asked with.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) kind: String,
    pub(crate) query: Query,
    pub(crate) columns: Columns,
}

/// The versions that a query wants, in its order.
pub(crate) struct Scan {
    pub(crate) plan: Plan,
    pub(crate) view: View,
    from: From,
}

enum From {
    /// They come as they are stored.
    Walk { heads: Box<dyn Cursor>, to_skip: usize, left: usize },
    /// They had to be put in order first.
    Sorted(std::vec::IntoIter<(Version, SortKey)>),
}

impl Scan {
    pub(crate) fn new(plan: Plan, view: View) -> Result<Scan> {
        let from = start(&plan, &view)?;
        Ok(Scan { plan, view, from })
    }

    /// The next version, with its place in the order.
    pub(crate) fn next(&mut self) -> Result<Option<(Version, SortKey)>> {
        let (heads, to_skip, left) = match &mut self.from {
            From::Sorted(found) => return Ok(found.next()),
            From::Walk { heads, to_skip, left } => (heads, to_skip, left),
        };
        while *left > 0 {
            let Some(version) = next_head(&mut **heads, &self.plan, &self.view)? else { break };
            let record = Record::new(version, &self.plan.columns, &self.view);
            if !self.plan.query.filter.matches(&record)? {
                continue;
            }
            if *to_skip > 0 {
                *to_skip -= 1;
                continue;
            }
            *left -= 1;
            let place = SortKey::of(&[], &record)?;
            return Ok(Some((record.version, place)));
        }
        *left = 0;
        Ok(None)
    }

    /// What was found, as the query sees it.
    pub(crate) fn record(&self, version: Version) -> Record<'_> {
        Record::new(version, &self.plan.columns, &self.view)
    }
}

fn start(plan: &Plan, view: &View) -> Result<From> {
    let query = &plan.query;
    // A cursor of another order is refused here, whether or not anything has to be put in order.
    let mut run = Run::new(query)?;
    if query.order.is_empty() {
        let heads = heads(plan, view, true)?;
        return Ok(From::Walk { heads, to_skip: query.offset, left: query.limit.unwrap_or(usize::MAX) });
    }
    let mut heads = heads(plan, view, false)?;
    while let Some(version) = next_head(&mut *heads, plan, view)? {
        run.offer(Record::new(version, &plan.columns, view))?;
    }
    let found: Vec<_> =
        run.finish().found.into_iter().map(|found| (found.row.version, found.place)).collect();
    Ok(From::Sorted(found.into_iter()))
}

/// The heads of the kind in the order of their keys; those behind the cursor alone, where that order is the query's.
fn heads(plan: &Plan, view: &View, is_in_order: bool) -> Result<Box<dyn Cursor>> {
    let query = &plan.query;
    let mut range = match &query.under {
        Some(key) => {
            let (start, end) = key.range();
            rows::heads(&plan.kind, &start..&end)
        }
        None => rows::heads_of_kind(&plan.kind),
    };
    if let Some(after) = query.after.as_ref().filter(|_| is_in_order) {
        let behind = [&rows::head(&plan.kind, after.key())[..], &[0]].concat();
        range.start = range.start.max(behind);
    }
    // A cursor of somewhere else leaves nothing.
    range.end = range.end.max(range.start.clone());
    view.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)
}

/// The next head that does not read as deleted, whether it is wanted or not.
fn next_head(heads: &mut dyn Cursor, plan: &Plan, view: &View) -> Result<Option<Version>> {
    while let Some((row, bytes)) = heads.next()? {
        // The row is the kind, which is known, between two bytes, and then the key.
        let key = row.get(plan.kind.len() + 2..).ok_or_else(|| Error::corrupt("a head's row has no key"))?;
        let version = view.read_head(Key::from_encoded(key)?, bytes.into())?;
        if !version.is_deleted() {
            return Ok(Some(version));
        }
    }
    Ok(None)
}
