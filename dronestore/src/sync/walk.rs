//! A walk over a range on both sides: our rows, and those that the other side listed.

use super::frame::Frame;
use super::ranges::{Row, Rows};
use dronestore_core::{Error, Result};
use std::cmp::Ordering;

/// The first bytes of a hash, by which lists tell versions apart.
pub(crate) type Id = [u8; 8];

pub(crate) fn id(hash: &dronestore_core::Hash) -> Id {
    let mut id = Id::default();
    id.copy_from_slice(&hash.as_bytes()[..8]);
    id
}

/// What one step finds.
pub(crate) enum Found {
    /// Only we have it.
    Ours(Row),
    /// Only they have it.
    Theirs(Vec<u8>),
    /// Both have it, and not the same.
    Differing(Row),
    /// Both have the same.
    Same,
    End,
}

/// A walk over one range.
pub(crate) struct Walk {
    ours: Rows,
    our_row: Option<Row>,
    /// How many items of their list are still to be read.
    left: usize,
    their_item: Option<(Vec<u8>, Id)>,
    start: Vec<u8>,
    end: Vec<u8>,
}

impl Walk {
    /// The list of so many items is what comes next in the frame.
    pub(crate) fn new(mut ours: Rows, left: usize, start: &[u8], end: &[u8]) -> Result<Walk> {
        let our_row = ours.next()?;
        Ok(Walk { ours, our_row, left, their_item: None, start: start.to_vec(), end: end.to_vec() })
    }

    /// The next row of either side.
    pub(crate) fn step(&mut self, list: &mut Frame) -> Result<Found> {
        if self.their_item.is_none() && self.left > 0 {
            self.left -= 1;
            self.their_item = Some(self.item(list)?);
        }
        let order = match (&self.our_row, &self.their_item) {
            (None, None) => return Ok(Found::End),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(ours), Some((theirs, _))) => ours.row.as_slice().cmp(theirs),
        };
        let theirs = if order.is_ge() { self.their_item.take() } else { None };
        let ours = if order.is_le() { std::mem::replace(&mut self.our_row, self.ours.next()?) } else { None };
        Ok(match (ours, theirs) {
            (Some(ours), Some((_, theirs))) if id(&ours.hash) == theirs => Found::Same,
            (Some(ours), Some(_)) => Found::Differing(ours),
            (Some(ours), None) => Found::Ours(ours),
            (None, Some((theirs, _))) => Found::Theirs(theirs),
            (None, None) => Found::End,
        })
    }

    fn item(&mut self, list: &mut Frame) -> Result<(Vec<u8>, Id)> {
        let row = list.row()?;
        if row < self.start || row >= self.end {
            return Err(Error::corrupt("a list is not in order, or leaves its range"));
        }
        // The next one has to be greater.
        self.start = [&row[..], &[0]].concat();
        Ok((row, list.read(|reader| reader.array())?))
    }
}
