//! Moving rows up in place: the usual end of a commit, where the row of the commit before is borne by nothing.
//!
//! While a table is short, every row number and every dot takes one byte, and the same byte after rows have moved
//! up; so the attributes keep their length and only those bytes change.

use super::Shape;
use crate::causal::form::{Child, Form, Structure};
use crate::causal::join::{MAX_NESTING, Slot, too_deep};
use crate::error::{Error, Result};
use crate::value;

/// The most rows for which each takes one byte: a dot is `(row + 1) << 1 | more`, below 128.
pub(crate) const MOST_ROWS: usize = 63;

/// Moves the rows of all attributes of a state; each of them has somewhere to go.
pub(crate) fn attributes(shape: &Shape, bytes: &mut [u8], slots: &[Slot]) -> Result<()> {
    let mut patch = Patch { bytes, slots };
    let mut at = 0;
    for index in 0..shape.len() {
        let (start, end) = patch.sized(at)?;
        if let Some((_, form)) = shape.head(index) {
            patch.body(form.structure(), start, end, 0)?;
        }
        at = end;
    }
    Ok(())
}

struct Patch<'p> {
    bytes: &'p mut [u8],
    slots: &'p [Slot],
}

impl Patch<'_> {
    fn body(&mut self, structure: Structure<'_>, start: usize, end: usize, depth: usize) -> Result<()> {
        match structure {
            _ if depth > MAX_NESTING => Err(too_deep()),
            Structure::Unit => Ok(()),
            Structure::Values => self.values(start, end),
            _ if start == end => Ok(()),
            Structure::Map(child) => self.map(child, start, end, depth),
            Structure::Nested => self.nested(start, end, depth),
        }
    }

    fn values(&mut self, mut at: usize, end: usize) -> Result<()> {
        while at < end {
            self.bytes[at] = self.to(self.bytes[at])?;
            at = self.after_item(at + 1, end)?;
        }
        Ok(())
    }

    fn map(&mut self, child: Child<'_>, start: usize, end: usize, depth: usize) -> Result<()> {
        let mut at = self.dots(start, end)?;
        while at < end {
            at = self.after_item(at, end)?;
            at = self.dots(at, end)?;
            if child != Child::Unit {
                let (below, after) = self.sized(at)?;
                self.body(child.structure(), below, after, depth + 1)?;
                at = after;
            }
        }
        Ok(())
    }

    fn nested(&mut self, start: usize, end: usize, depth: usize) -> Result<()> {
        let mut at = self.dots(start, end)?;
        while at < end {
            let (_, after_name) = self.sized(at)?;
            let rest = self.bytes.get(after_name..end).ok_or_else(torn)?.to_vec();
            let mut reader = crate::bytes::Reader::new(&rest);
            let form = Form::split(&mut reader)?;
            let (below, after) = self.sized(end - reader.rest().len())?;
            self.body(form.structure(), below, after, depth + 1)?;
            at = after;
        }
        Ok(())
    }

    /// Moves a list of dots; gives where it ends.
    fn dots(&mut self, mut at: usize, end: usize) -> Result<usize> {
        loop {
            let byte = *self.bytes.get(at).filter(|_| at < end).ok_or_else(torn)?;
            if let Some(row) = (byte >> 1).checked_sub(1) {
                self.bytes[at] = (self.to(row)? + 1) << 1 | byte & 1;
            }
            at += 1;
            if byte & 1 == 0 {
                return Ok(at);
            }
        }
    }

    fn to(&self, row: u8) -> Result<u8> {
        self.slots.get(usize::from(row)).map(|slot| slot.to as u8).ok_or_else(torn)
    }

    fn after_item(&self, at: usize, end: usize) -> Result<usize> {
        Ok(at + value::item_len(self.bytes.get(at..end).ok_or_else(torn)?)?)
    }

    /// Where the bytes behind the size that stands here begin and end.
    fn sized(&self, at: usize) -> Result<(usize, usize)> {
        let rest = self.bytes.get(at..).ok_or_else(torn)?;
        let mut reader = crate::bytes::Reader::new(rest);
        let length = reader.slice()?.len();
        let end = self.bytes.len() - reader.rest().len();
        Ok((end - length, end))
    }
}

#[cold]
fn torn() -> Error {
    Error::corrupt("attributes in the making do not hold together")
}
