//! Ranges of what a repo holds: how much is in one, and a fingerprint of it.
//!
//! Heads and schemas are ranged over as they are stored, in the order of their rows. A session passes over them once
//! and keeps a sum for every 32nd; any other sum is that of the mark before it and of the few rows from there on.

use super::message::{Digest, short};
use super::within::Within;
use crate::repo::{Meta, View, head_hash, rows};
use dronestore_core::bytes::put_varint;
use dronestore_core::store::{Bytes, Cursor, Direction, Range};
use dronestore_core::{Error, Hash, Result};
use std::ops::ControlFlow;
use std::sync::Arc;

/// From how many rows to how many there is a mark.
const STEP: u64 = 32;
/// Into how many ranges one is split.
pub(crate) const WAYS: u64 = 16;

/// How many rows, and the sum of their hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sum(Meta);

impl Sum {
    pub(crate) fn count(&self) -> u64 {
        self.0.objects
    }

    pub(crate) fn add(&mut self, hash: &Hash) {
        self.0.objects += 1;
        self.0.add(hash);
    }

    /// What came behind `earlier`, the sum of fewer of the same rows.
    fn since(mut self, earlier: &Sum) -> Sum {
        self.0.objects = self.0.objects.saturating_sub(earlier.0.objects);
        self.0.remove(&earlier.0.hash());
        self
    }

    /// Equal for equal rows, and for no others that chance would find.
    pub(crate) fn fingerprint(&self) -> Digest {
        let mut input = Vec::with_capacity(42);
        put_varint(&mut input, self.count());
        input.extend_from_slice(self.0.hash().as_bytes());
        short(&Hash::of(&input))
    }
}

/// A place between two rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    /// Rows from here on are not less.
    pub(crate) bound: Arc<[u8]>,
    /// What lies before it.
    before: Sum,
}

/// A range of rows: from one point to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: Point,
    pub(crate) end: Point,
}

impl Span {
    pub(crate) fn sum(&self) -> Sum {
        self.end.before.since(&self.start.before)
    }
}

/// All that is synced, as of one moment: schemas and heads.
pub(crate) fn all() -> [Vec<u8>; 2] {
    [rows::all(rows::SCHEMAS).start, rows::all(rows::HEADS).end]
}

pub(crate) fn is_synced(row: &[u8]) -> bool {
    matches!(row.first(), Some(&rows::SCHEMAS | &rows::HEADS))
}

/// The hash that a row counts with: a version's, or a schema's, which its row ends with.
pub(crate) fn row_hash(row: &[u8], value: &[u8]) -> Result<Hash> {
    match row.first() {
        Some(&rows::SCHEMAS) => {
            let hash = row.last_chunk().ok_or_else(|| Error::corrupt("a schema is not under its hash"))?;
            Ok(Hash::from_bytes(*hash))
        }
        _ => head_hash(value),
    }
}

/// A row as it stands in the store.
pub(crate) struct Row {
    pub(crate) row: Vec<u8>,
    pub(crate) hash: Hash,
    pub(crate) value: Bytes,
}

/// A walk over rows, range by range.
#[derive(Default)]
pub(crate) struct Rows {
    /// The next one last.
    cursors: Vec<Box<dyn Cursor>>,
    within: Option<Within>,
}

impl Rows {
    pub(crate) fn next(&mut self) -> Result<Option<Row>> {
        while let Some(cursor) = self.cursors.last_mut() {
            while let Some((row, value)) = cursor.next()? {
                if is_synced(row) && self.within.as_ref().is_none_or(|within| within.has(row)) {
                    let hash = row_hash(row, value)?;
                    return Ok(Some(Row { row: row.to_vec(), hash, value: value.into() }));
                }
            }
            self.cursors.pop();
        }
        Ok(None)
    }
}

/// The sums of what a repo held when the session first asked.
pub(crate) struct Index {
    pub(crate) view: View,
    within: Within,
    /// One before every 32nd row, from the first on.
    marks: Vec<Point>,
    total: Sum,
}

impl Index {
    /// Passes over all rows once.
    pub(crate) fn new(view: View, within: Within) -> Result<Index> {
        let [start, end] = all();
        let mut index = Index { view, within, marks: Vec::new(), total: Sum::default() };
        let (mut marks, mut total, mut last) = (Vec::new(), Sum::default(), start.clone());
        index.each(&start, &end, |row, value| {
            if total.count().is_multiple_of(STEP) {
                let bound = if total.count() == 0 { start[..].into() } else { separator(&last, row) };
                marks.push(Point { bound, before: total });
            }
            // Only the row before a mark matters.
            if total.count() % STEP == STEP - 1 {
                last = row.to_vec();
            }
            total.add(&row_hash(row, value)?);
            Ok(ControlFlow::Continue(()))
        })?;
        (index.marks, index.total) = (marks, total);
        Ok(index)
    }

    /// Looks at the rows of a range until told to stop.
    fn each(
        &self,
        start: &[u8],
        end: &[u8],
        mut look: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        for (start, end) in self.within.between(start, end) {
            let mut cursor = self.view.snapshot.scan(Range::between(&start, &end), Direction::Forward)?;
            while let Some((row, value)) = cursor.next()? {
                if is_synced(row) && self.within.has(row) && look(row, value)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The rows between two bounds.
    pub(crate) fn rows(&self, start: &[u8], end: &[u8]) -> Result<Rows> {
        let mut rows = Rows { cursors: Vec::new(), within: Some(self.within.clone()) };
        for (start, end) in self.within.between(start, end).iter().rev() {
            rows.cursors.push(self.view.snapshot.scan(Range::between(start, end), Direction::Forward)?);
        }
        Ok(rows)
    }

    /// The point at a bound.
    pub(crate) fn point(&self, bound: &[u8]) -> Result<Point> {
        let behind = self.marks.partition_point(|mark| &*mark.bound <= bound);
        let mut before = Sum::default();
        if let Some(mark) = behind.checked_sub(1).and_then(|index| self.marks.get(index)) {
            before = mark.before;
            self.each(&mark.bound, bound, |row, value| {
                before.add(&row_hash(row, value)?);
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(Point { bound: bound.into(), before })
    }

    /// The range between two bounds.
    pub(crate) fn span(&self, start: &[u8], end: &[u8]) -> Result<Span> {
        if start > end {
            return Err(Error::corrupt("a range ends before it begins"));
        }
        Ok(Span { start: self.point(start)?, end: self.point(end)? })
    }

    /// The point before the row with this number, counted from 0; at the shortest bound.
    fn point_at(&self, number: u64, end: &Point) -> Result<Point> {
        let Some(mark) = usize::try_from(number / STEP).ok().and_then(|index| self.marks.get(index)) else {
            return Ok(end.clone());
        };
        if mark.before.count() == number {
            return Ok(mark.clone());
        }
        let (mut before, mut last, mut found) = (mark.before, Vec::new(), None);
        self.each(&mark.bound, &end.bound, |row, value| {
            if before.count() == number {
                found = Some(separator(&last, row));
                return Ok(ControlFlow::Break(()));
            }
            last = row.to_vec();
            before.add(&row_hash(row, value)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found.map_or_else(|| end.clone(), |bound| Point { bound, before }))
    }

    /// The parts of a range that holds at least two rows: up to 16, about equally full.
    pub(crate) fn split(&self, span: &Span) -> Result<Vec<Span>> {
        let (first, count) = (span.start.before.count(), span.sum().count());
        let mut step = count.div_ceil(WAYS).max(1);
        if step > STEP {
            step = step.next_multiple_of(STEP);
        }
        let (mut parts, mut start) = (Vec::new(), span.start.clone());
        // Where parts are long they end at marks, which takes no reading.
        let mut next = if step > STEP { first.next_multiple_of(STEP) + step } else { first + step };
        while next < first + count {
            let end = self.point_at(next, &span.end)?;
            parts.push(Span { start, end: end.clone() });
            (start, next) = (end, next + step);
        }
        parts.push(Span { start, end: span.end.clone() });
        Ok(parts)
    }
}

/// The shortest bound behind one row and not behind the next.
fn separator(before: &[u8], row: &[u8]) -> Arc<[u8]> {
    let shared = super::frame::shared(before, row);
    row[..row.len().min(shared + 1)].into()
}
