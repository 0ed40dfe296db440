//! Feed: what a copy of a repo's texts that is kept elsewhere is made of, and follows the repo by.

use super::follow::Followed;
use super::ids::{LogRows, end_of_log};
use super::iterate::{Head, next_head};
use super::open::mark_of;
use super::query::{Columns, Record, paths, read_column};
use super::{Change, Repo, View, rows};
use crate::drone::Drone;
use dronestore_core::query::{Condition, Query, Run};
use dronestore_core::schema::{Column, Schema};
use dronestore_core::store::{Cursor, Direction, Range};
use dronestore_core::{Result, Value, Version};
use std::sync::Arc;

/// How a row of the change log that was seen once stands to a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is part of it.
    Known,
    /// The log no longer goes back that far.
    Lost,
    /// It never was part of it, or is no longer: the repo is another one, or an older one.
    Foreign,
}

impl View {
    /// The row of the change log that comes next, and the mark of the last one.
    pub(crate) fn end(&self) -> Result<(u64, Vec<u8>)> {
        let end = end_of_log(&*self.snapshot)?;
        Ok((end.sequence + 1, mark_of(end.sequence, &end.row)))
    }

    /// How the row before this one stands to the change log, by its mark.
    pub(crate) fn standing(&self, next: u64, mark: &[u8]) -> Result<Standing> {
        let sequence = next.saturating_sub(1);
        if let Some(known) = self.mark_at(sequence)? {
            return Ok(if known[..] == *mark { Standing::Known } else { Standing::Foreign });
        }
        let first = LogRows::new(&*self.snapshot, 0, Direction::Forward)?.next()?.map(|(first, _)| first);
        let is_older = first.is_some_and(|first| sequence < first);
        Ok(if is_older { Standing::Lost } else { Standing::Foreign })
    }

    /// As [`Repo::follow`], to the end of the log as of this moment.
    pub(crate) fn follow(
        &self,
        from: u64,
        each: impl FnMut(Vec<Change>) -> Result<bool>,
    ) -> Result<Followed> {
        Repo { inner: self.inner.clone() }.follow_in(&*self.snapshot, from, each)
    }

    /// The heads of a kind behind a row, deleted ones too.
    pub(crate) fn heads_behind(&self, kind: &str, row: &[u8]) -> Result<Heads> {
        let mut range = rows::heads_of_kind(kind);
        if row >= range.start.as_slice() {
            range.start = [row, &[0]].concat();
        }
        self.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward).map(Heads)
    }

    /// The version of a head's row.
    pub(crate) fn version_of_head(&self, head: Head) -> Result<Version> {
        self.read_head(head.key, head.bytes)
    }

    /// What an attribute of a version reads as, conflicts as they were decided; `None` where nothing was written.
    pub(crate) fn column(
        &self,
        version: &Version,
        schema: &Schema,
        column: &Column,
    ) -> Result<Option<Value>> {
        read_column(self, version, schema, column)
    }
}

/// A walk over the heads of a kind.
pub(crate) struct Heads(Box<dyn Cursor>);

impl Heads {
    /// The next head.
    pub(crate) fn next(&mut self) -> Result<Option<Head>> {
        next_head(&mut *self.0)
    }
}

impl Head {
    /// Its row.
    pub(crate) fn row(&self) -> Vec<u8> {
        rows::head(&self.kind, &self.key)
    }
}

/// A condition on the objects of one model, to be asked of one after the other.
pub(crate) struct TypedFilter {
    pub(crate) kind: &'static str,
    query: Query,
    columns: Columns,
}

impl TypedFilter {
    pub(crate) fn new<T: Drone>(condition: Condition<T>) -> Result<TypedFilter> {
        let query = Query::new().filter(condition.into_filter()?);
        let columns = Columns::new([Arc::new(T::schema())], paths(&query), |_, name| Column::of::<T>(name));
        Ok(TypedFilter { kind: T::KIND, query, columns })
    }

    /// Whether it holds of a version.
    pub(crate) fn wants(&self, view: &View, version: Version) -> Result<bool> {
        Run::new(&self.query)?.wants(&Record::new(version, &self.columns, view))
    }
}
