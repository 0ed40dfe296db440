//! The walk of a query: over heads, or over the objects that indexes name.

use super::choose::{Way, choose};
use super::keys::Keys;
use super::ordered::{Next, OrderedWalk};
use super::rows::{Columns, Record};
use super::sieve::{Answer, Sieve};
use crate::repo::index::Entry;
use crate::repo::rows;
use crate::repo::view::View;
use dronestore_core::query::{Query, Run, SortKey};
use dronestore_core::schema::{Cells, Pass};
use dronestore_core::store::{Cursor, Direction, Range};
use dronestore_core::{Error, Key, Result, Version};
use std::collections::VecDeque;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Everything that a query is asked with.
pub(crate) struct Plan {
    pub(crate) kind: String,
    pub(crate) query: Query,
    pub(crate) columns: Columns,
    /// The indexes that can answer it.
    pub(crate) indexes: Vec<Arc<Entry>>,
    /// Whether what comes of it is the same in any order.
    pub(crate) is_any_order: bool,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.query)
    }
}

/// The versions that a query wants, in its order.
pub(crate) struct Scan {
    pub(crate) plan: Plan,
    pub(crate) view: View,
    from: From,
    to_skip: usize,
    left: usize,
}

enum From {
    /// They come as they are stored.
    Heads(Box<dyn Cursor>, Sieve),
    /// They come as indexes name them.
    Keys(Keys),
    /// They come in the order of an index.
    Ordered(Box<OrderedWalk>, VecDeque<Version>),
    /// They had to be put in order first.
    Sorted(std::vec::IntoIter<Version>),
}

impl Scan {
    pub(crate) fn new(plan: Plan, view: View) -> Result<Scan> {
        let way = choose(&plan, &view)?;
        let from = start(&plan, &view, way)?;
        let (offset, limit) = (plan.query.offset, plan.query.limit);
        // What was sorted was cut already.
        let (to_skip, left) = match from {
            From::Sorted(_) => (0, usize::MAX),
            _ => (offset, limit.unwrap_or(usize::MAX)),
        };
        Ok(Scan { plan, view, from, to_skip, left })
    }

    /// The next version.
    pub(crate) fn next(&mut self) -> Result<Option<Version>> {
        while self.left > 0 {
            let Some(found) = self.candidate()? else { break };
            if self.to_skip > 0 {
                self.to_skip -= 1;
                continue;
            }
            self.left -= 1;
            return Ok(Some(found));
        }
        self.left = 0;
        Ok(None)
    }

    /// The next one that the filter wants.
    fn candidate(&mut self) -> Result<Option<Version>> {
        let (plan, view) = (&self.plan, &self.view);
        loop {
            let version = match &mut self.from {
                From::Sorted(found) => return Ok(found.next()),
                From::Ordered(walk, found) => match found.pop_front() {
                    Some(version) => return Ok(Some(version)),
                    None => match walk.next(view)? {
                        Next::End => return Ok(None),
                        Next::Group(keys) => {
                            *found = group(&keys, plan, view)?;
                            continue;
                        }
                        Next::Key(key) => named(&key, plan, view)?,
                    },
                },
                From::Heads(heads, sieve) => match next_head(&mut **heads, sieve, plan, view)? {
                    Some((version, true)) => match behind(Record::new(version, &plan.columns, view), plan)? {
                        Some(record) => return Ok(Some(record.version)),
                        None => continue,
                    },
                    Some((version, false)) => Some(version),
                    None => None,
                },
                From::Keys(keys) => match keys.next()? {
                    Some(key) => named(&key, plan, view)?,
                    None => None,
                },
            };
            let Some(version) = version else { return Ok(None) };
            if let Some(record) = wanted(version, plan, view)? {
                return Ok(Some(record.version));
            }
        }
    }

    /// Shows all that are wanted, in order. Where these columns of them are all that is asked for, objects are made of those alone of
    /// which they cannot simply be read.
    pub(crate) fn meet(
        &mut self,
        asked: Option<&[usize]>,
        show: &mut dyn FnMut(Met<'_>) -> Result<()>,
    ) -> Result<()> {
        if self.plan.query.after.is_none()
            && self.left > 0
            && let Scan { plan, view, from: From::Heads(heads, sieve), to_skip, left } = self
        {
            let mut pass = Pass::new();
            let walked = heads.walk(&mut |row, bytes| {
                let answer = sieve.ask(bytes, plan, view);
                if answer == Answer::Unwanted {
                    return Ok(ControlFlow::Continue(()));
                }
                let asked = asked.filter(|_| answer == Answer::Wanted);
                let met = match asked.and_then(|asked| sieve.read(bytes, asked, plan, &mut pass)) {
                    Some(cells) => Met::Cells(key(row, plan)?, cells),
                    None => match head(row, bytes, answer, plan, view)? {
                        Some(version) if answer == Answer::Wanted => {
                            Met::Record(Record::new(version, &plan.columns, view))
                        }
                        Some(version) => match wanted(version, plan, view)? {
                            Some(record) => Met::Record(record),
                            None => return Ok(ControlFlow::Continue(())),
                        },
                        None => return Ok(ControlFlow::Continue(())),
                    },
                };
                if *to_skip > 0 {
                    *to_skip -= 1;
                    return Ok(ControlFlow::Continue(()));
                }
                *left -= 1;
                show(met)?;
                Ok(if *left > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            });
            self.left = 0;
            return walked.map(drop);
        }
        let mut pass = Pass::new();
        while let Some(version) = self.next()? {
            let columns = &self.plan.columns;
            let read = |asked| columns.read(asked, version.shape(), version.state_bytes(), &mut pass);
            match asked.and_then(read) {
                Some(cells) => show(Met::Cells(version.key().as_encoded(), cells))?,
                None => show(Met::Record(Record::new(version.clone(), columns, &self.view)))?,
            }
        }
        Ok(())
    }

    /// The place of what was found in the query's order.
    ///
    /// Cost: what orders is read once more.
    pub(crate) fn place(&self, version: &Version) -> Result<SortKey> {
        SortKey::of(&self.plan.query.order, &Record::new(version, &self.plan.columns, &self.view))
    }
}

/// An object that a query wants.
pub(crate) enum Met<'s> {
    /// The encoded key, and what the columns that were asked for read as.
    Cells(&'s [u8], Cells<'s>),
    /// All of it.
    Record(Record<'s>),
}

/// The object, if the filter wants it and it comes behind the cursor.
fn wanted<'s>(version: Version, plan: &'s Plan, view: &'s View) -> Result<Option<Record<'s>>> {
    let record = Record::new(version, &plan.columns, view);
    Ok(if plan.query.filter.matches(&record)? { behind(record, plan)? } else { None })
}

/// The object, of which the filter is known to want it, if it comes behind the cursor.
fn behind<'s>(record: Record<'s>, plan: &Plan) -> Result<Option<Record<'s>>> {
    let Some(after) = &plan.query.after else { return Ok(Some(record)) };
    let order = &plan.query.order;
    Ok(after.is_before(&SortKey::of(order, &record)?, order).then_some(record))
}

/// Of objects that an index has side by side, those that are wanted, in order.
fn group(keys: &[Vec<u8>], plan: &Plan, view: &View) -> Result<VecDeque<Version>> {
    let mut found = Vec::new();
    for key in keys {
        if let Some(version) = named(key, plan, view)?
            && let Some(record) = wanted(version, plan, view)?
        {
            found.push((SortKey::of(&plan.query.order, &record)?, record.version));
        }
    }
    found.sort_by(|(a, _), (b, _)| a.compare(b, &plan.query.order));
    Ok(found.into_iter().map(|(_, version)| version).collect())
}

/// The object that a row of an index names.
fn named(key: &[u8], plan: &Plan, view: &View) -> Result<Option<Version>> {
    let key = Key::from_encoded(key)?;
    let version = view.head(&plan.kind, &key)?.filter(|version| !version.is_deleted());
    let missing = || {
        Error::corrupt(format!("an index names `{key}`, which is not there; `rebuild_indexes` makes it anew"))
    };
    version.ok_or_else(missing).map(Some)
}

fn start(plan: &Plan, view: &View, way: Way) -> Result<From> {
    let query = &plan.query;
    // A cursor of another order is refused here, whether or not anything has to be put in order.
    let mut run = Run::new(query)?;
    let is_in_order = query.order.is_empty() && !plan.is_any_order;
    let mut keys = match way {
        Way::Ordered(entry, ordered) => {
            let walk = OrderedWalk::new(entry, ordered, query.after.as_ref());
            return Ok(From::Ordered(Box::new(walk), VecDeque::new()));
        }
        Way::Keys(groups) => {
            let after = query.after.as_ref().filter(|_| query.order.is_empty()).map(|after| after.key());
            Keys::new(&groups, view, is_in_order, after)?
        }
        Way::Heads => None,
    };
    if query.order.is_empty() {
        return match keys {
            Some(keys) => Ok(From::Keys(keys)),
            None => heads(plan, view, true).map(|heads| From::Heads(heads, Sieve::new(plan))),
        };
    }
    let mut heads = if keys.is_none() { Some((heads(plan, view, false)?, Sieve::new(plan))) } else { None };
    loop {
        let version = match (&mut keys, &mut heads) {
            (Some(keys), _) => match keys.next()? {
                Some(key) => named(&key, plan, view)?,
                None => None,
            },
            (None, Some((heads, sieve))) => {
                next_head(&mut **heads, sieve, plan, view)?.map(|(version, _)| version)
            }
            (None, None) => None,
        };
        let Some(version) = version else { break };
        run.offer(Record::new(version, &plan.columns, view))?;
    }
    let found: Vec<Version> = run.finish().found.into_iter().map(|found| found.row.version).collect();
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

/// The next head that does not read as deleted and may be wanted, and whether the filter certainly wants it.
fn next_head(
    heads: &mut dyn Cursor,
    sieve: &mut Sieve,
    plan: &Plan,
    view: &View,
) -> Result<Option<(Version, bool)>> {
    let mut found = None;
    heads.walk(&mut |row, bytes| {
        let answer = sieve.ask(bytes, plan, view);
        if answer == Answer::Unwanted {
            return Ok(ControlFlow::Continue(()));
        }
        Ok(match head(row, bytes, answer, plan, view)? {
            Some(version) => {
                found = Some((version, answer == Answer::Wanted));
                ControlFlow::Break(())
            }
            None => ControlFlow::Continue(()),
        })
    })?;
    Ok(found)
}

/// The object of a row of which the sieve has said this; nothing where it reads as deleted.
fn head(row: &[u8], bytes: &[u8], answer: Answer, plan: &Plan, view: &View) -> Result<Option<Version>> {
    let version = view.read_head(Key::from_encoded(key(row, plan)?)?, bytes.into())?;
    Ok((answer == Answer::Wanted || !version.is_deleted()).then_some(version))
}

/// The row is the kind, which is known, between two bytes, and then the key.
fn key<'r>(row: &'r [u8], plan: &Plan) -> Result<&'r [u8]> {
    row.get(plan.kind.len() + 2..).ok_or_else(|| Error::corrupt("a head's row has no key"))
}
