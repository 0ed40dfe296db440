//! A walk over an index in the order of a query.

use crate::repo::index::Entry;
use crate::repo::view::View;
use dronestore_core::query::Cursor as Place;
use dronestore_core::query::index::{Access, Ordered, part};
use dronestore_core::store::{Cursor, Direction, Range, prefix_end};
use dronestore_core::{Error, Result};
use std::collections::VecDeque;
use std::sync::Arc;

/// The walk; it gives encoded keys.
pub(super) struct OrderedWalk {
    entry: Arc<Entry>,
    ordered: Ordered,
    /// What is still to be walked over, in the order of the walk.
    ranges: VecDeque<(Vec<u8>, Vec<u8>)>,
    /// Where the range that is walked over begins, and its rows.
    current: Option<(Vec<u8>, Box<dyn Cursor>)>,
    /// A row that was looked at and is still to come.
    peeked: Option<Vec<u8>>,
    /// Rows that agree, in the order of their keys, on a walk from the last to the first.
    same: Option<Box<dyn Cursor>>,
}

/// What comes next.
pub(super) enum Next {
    /// This one.
    Key(Vec<u8>),
    /// These, in an order that the index does not know.
    Group(Vec<Vec<u8>>),
    End,
}

impl OrderedWalk {
    pub(super) fn new(entry: Arc<Entry>, ordered: Ordered, after: Option<&Place>) -> OrderedWalk {
        let prefix = [&entry.prefix[..], ordered.prefixes.first().map_or(&[][..], Vec::as_slice)].concat();
        let below = |bytes: &[u8]| [&prefix[..], bytes].concat();
        let mut ranges: VecDeque<_> =
            ordered.ranges.iter().map(|(from, to)| (below(from), below(to))).collect();
        if let Some(after) = after {
            let (place, is_exact) = place_of(&ordered, after);
            let mut place = [prefix, place].concat();
            if ordered.is_descending {
                let end = prefix_end(&place).unwrap_or_default();
                ranges.iter_mut().for_each(|(_, to)| *to = end.clone().min(std::mem::take(to)));
            } else {
                if ordered.is_complete && is_exact {
                    place.extend_from_slice(after.key().as_encoded());
                    place.push(0);
                }
                ranges.iter_mut().for_each(|(from, _)| *from = place.clone().max(std::mem::take(from)));
            }
            ranges.retain(|(from, to)| from < to);
        }
        if ordered.is_descending {
            ranges.make_contiguous().reverse();
        }
        OrderedWalk { entry, ordered, ranges, current: None, peeked: None, same: None }
    }

    pub(super) fn next(&mut self, view: &View) -> Result<Next> {
        if let Some(same) = &mut self.same {
            match same.next()? {
                Some((row, _)) => return Ok(Next::Key(self.entry.key_of(row)?.to_vec())),
                None => self.same = None,
            }
        }
        let Some(row) = self.row(view)? else { return Ok(Next::End) };
        let (end, is_open) = self.group(&row)?;
        let key = self.entry.key_of(&row)?.to_vec();
        let group = &row[..end];
        match (self.ordered.is_descending, is_open) {
            (false, false) => Ok(Next::Key(key)),
            (false, true) => self.gather(view, group, key),
            (true, is_open) => self.gather_back(view, group, key, is_open),
        }
    }

    /// The next row.
    fn row(&mut self, view: &View) -> Result<Option<Vec<u8>>> {
        if let Some(row) = self.peeked.take() {
            return Ok(Some(row));
        }
        loop {
            if let Some((_, cursor)) = &mut self.current {
                if let Some((row, _)) = cursor.next()? {
                    return Ok(Some(row.to_vec()));
                }
                self.current = None;
            }
            let Some((from, to)) = self.ranges.pop_front() else { return Ok(None) };
            self.current = Some((from.clone(), self.scan(view, &from, &to)?));
        }
    }

    fn scan(&self, view: &View, from: &[u8], to: &[u8]) -> Result<Box<dyn Cursor>> {
        let direction = if self.ordered.is_descending { Direction::Backward } else { Direction::Forward };
        view.snapshot.scan(Range::between(from, to), direction)
    }

    /// Up to where rows have to agree to be of one group with this one, and whether the order in it is not known.
    fn group(&self, row: &[u8]) -> Result<(usize, bool)> {
        let mut at = self.entry.prefix.len();
        for _ in 0..self.ordered.grouped {
            let (length, is_all) = part(row.get(at..).unwrap_or_default());
            at += length;
            if !is_all {
                return Ok((at, true));
            }
        }
        if at > row.len() {
            return Err(Error::corrupt(format!(
                "a row of the index {} ends too early",
                self.entry.definition
            )));
        }
        Ok((at, !self.ordered.is_complete))
    }

    /// All of a group, of which the first row was read.
    fn gather(&mut self, view: &View, group: &[u8], first: Vec<u8>) -> Result<Next> {
        let mut keys = vec![first];
        while let Some(row) = self.row(view)? {
            if !row.starts_with(group) {
                self.peeked = Some(row);
                break;
            }
            keys.push(self.entry.key_of(&row)?.to_vec());
        }
        Ok(Next::Group(keys))
    }

    /// The same on a walk backwards, where rows that agree come with the last key first.
    fn gather_back(&mut self, view: &View, group: &[u8], last: Vec<u8>, is_open: bool) -> Result<Next> {
        match self.row(view)? {
            Some(row) if row.starts_with(group) => {}
            other => {
                self.peeked = other;
                return Ok(Next::Key(last));
            }
        }
        let end = prefix_end(group).unwrap_or_default();
        let mut same = view.snapshot.scan(Range::between(group, &end), Direction::Forward)?;
        // Goes on before the group.
        if let Some((from, _)) = self.current.take() {
            let cursor = self.scan(view, &from, group)?;
            self.current = Some((from, cursor));
        }
        if !is_open {
            self.same = Some(same);
            return self.next(view);
        }
        let mut keys = Vec::new();
        while let Some((row, _)) = same.next()? {
            keys.push(self.entry.key_of(row)?.to_vec());
        }
        Ok(Next::Group(keys))
    }
}

/// What the rows begin with that are at the place of a cursor, as far as the index knows; and whether that is all of it.
fn place_of(ordered: &Ordered, after: &Place) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    for value in after.values().get(ordered.orders.0..ordered.orders.1).unwrap_or_default() {
        let encoded = Access::encode([value].into_iter());
        let is_all = part(&encoded) == (encoded.len(), true);
        bytes.extend(encoded);
        if !is_all {
            return (bytes, false);
        }
    }
    (bytes, true)
}
