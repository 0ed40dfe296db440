//! Apart: a snapshot of the repo in which a branch's heads stand in place of the repo's.

use super::record::{self, Record};
use crate::repo::rows;
use dronestore_core::Result;
use dronestore_core::store::{Bytes, Cursor, Direction, Range, Snapshot, prefix_end};
use std::cmp::Ordering;
use std::ops::Bound;

/// A snapshot with the heads of a branch on it. All other rows are the repo's, and kinds that only the branch has are listed.
pub(super) struct Apart {
    below: Box<dyn Snapshot>,
    /// What the rows of the branch's heads begin with.
    prefix: Vec<u8>,
}

impl Apart {
    pub(super) fn new(below: Box<dyn Snapshot>, record: &Record) -> Apart {
        Apart { below, prefix: record.prefix() }
    }

    /// Where the branch's own heads of a range lie; `None` where it has no room for any.
    fn own(&self, range: Range<'_>) -> Option<(Vec<u8>, Vec<u8>)> {
        let (first, last) = (rows::HEADS, rows::HEADS + 1);
        let behind = |row: &[u8]| [&record::apart(&self.prefix, row)[..], &[0]].concat();
        let all = || (self.prefix.clone(), prefix_end(&self.prefix).unwrap_or_default());
        let start = match range.start {
            Bound::Included(row) if row.first() == Some(&first) => record::apart(&self.prefix, row),
            Bound::Excluded(row) if row.first() == Some(&first) => behind(row),
            Bound::Included(row) | Bound::Excluded(row) if row.first() >= Some(&last) => return None,
            _ => all().0,
        };
        let end = match range.end {
            Bound::Excluded(row) if row.first() == Some(&first) => record::apart(&self.prefix, row),
            Bound::Included(row) if row.first() == Some(&first) => behind(row),
            Bound::Included(row) | Bound::Excluded(row) if row.first() < Some(&first) => return None,
            _ => all().1,
        };
        (start < end).then_some((start, end))
    }

    /// The rows of the kinds of the branch's own heads.
    fn kinds(&self, range: Range<'_>, direction: Direction) -> Result<Listed> {
        let mut found = Vec::new();
        let (mut start, end) = (self.prefix.clone(), prefix_end(&self.prefix).unwrap_or_default());
        loop {
            let mut cursor = self.below.scan(Range::between(&start, &end), Direction::Forward)?;
            let Some((row, _)) = cursor.next()? else { break };
            let rest = &row[self.prefix.len()..];
            let kind = rest.split(|byte| *byte == 0).next().unwrap_or_default();
            let listed = [&[rows::KINDS], kind].concat();
            start = [&self.prefix[..], kind, &[1]].concat();
            if range.contains(&listed) {
                found.push((listed, Bytes::from(&[][..])));
            }
        }
        // The next one is taken from the end.
        if direction == Direction::Forward {
            found.reverse();
        }
        Ok(Listed { left: found, current: Default::default() })
    }
}

impl Snapshot for Apart {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        if key.first() == Some(&rows::HEADS)
            && let Some(own) = self.below.get(&record::apart(&self.prefix, key))?
        {
            return Ok(Some(own));
        }
        self.below.get(key)
    }

    fn scan(&self, range: Range<'_>, direction: Direction) -> Result<Box<dyn Cursor>> {
        let below = self.below.scan(range, direction)?;
        let is_kinds = matches!(range.start, Bound::Included(row) if row.first() == Some(&rows::KINDS));
        let own: Box<dyn Cursor> = match self.own(range) {
            _ if is_kinds => Box::new(self.kinds(range, direction)?),
            Some((start, end)) => {
                let cursor = self.below.scan(Range::between(&start, &end), direction)?;
                Box::new(Heads { cursor, prefix: self.prefix.len(), row: vec![rows::HEADS] })
            }
            None => return Ok(below),
        };
        Ok(Box::new(Walk {
            cursors: [below, own],
            ahead: [None, None],
            is_done: [false; 2],
            direction,
            current: Default::default(),
        }))
    }
}

/// The heads of a branch under the rows of the repo's.
struct Heads {
    cursor: Box<dyn Cursor>,
    prefix: usize,
    row: Vec<u8>,
}

impl Cursor for Heads {
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        let Some((row, value)) = self.cursor.next()? else { return Ok(None) };
        self.row.truncate(1);
        self.row.extend_from_slice(row.get(self.prefix..).unwrap_or_default());
        Ok(Some((&self.row, value)))
    }
}

/// Rows that are at hand, the last one first.
struct Listed {
    left: Vec<(Vec<u8>, Bytes)>,
    current: (Vec<u8>, Option<Bytes>),
}

impl Cursor for Listed {
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        let Some((row, value)) = self.left.pop() else { return Ok(None) };
        self.current = (row, Some(value));
        Ok(Some((&self.current.0, self.current.1.as_deref().unwrap_or_default())))
    }
}

/// A walk over the repo's rows and a branch's, in order; of two under one key the branch's.
struct Walk {
    cursors: [Box<dyn Cursor>; 2],
    /// What was read of each and not handed out yet.
    ahead: [Option<(Vec<u8>, Bytes)>; 2],
    is_done: [bool; 2],
    direction: Direction,
    current: (Vec<u8>, Option<Bytes>),
}

impl Walk {
    fn look_ahead(&mut self) -> Result<()> {
        for side in 0..2 {
            if self.ahead[side].is_none() && !self.is_done[side] {
                self.ahead[side] =
                    self.cursors[side].next()?.map(|(row, value)| (row.to_vec(), value.into()));
                self.is_done[side] = self.ahead[side].is_none();
            }
        }
        Ok(())
    }
}

impl Cursor for Walk {
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        let [below, own] = &self.ahead;
        if self.is_done[1] && own.is_none() && below.is_none() {
            return self.cursors[0].next();
        }
        self.look_ahead()?;
        let order = match (&self.ahead[0], &self.ahead[1]) {
            (None, None) => return Ok(None),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((below, _)), Some((own, _))) if self.direction == Direction::Forward => below.cmp(own),
            (Some((below, _)), Some((own, _))) => own.cmp(below),
        };
        let below = if order.is_le() { self.ahead[0].take() } else { None };
        let own = if order.is_ge() { self.ahead[1].take() } else { None };
        let Some((row, value)) = own.or(below) else { return Ok(None) };
        self.current = (row, Some(value));
        Ok(Some((&self.current.0, self.current.1.as_deref().unwrap_or_default())))
    }
}
