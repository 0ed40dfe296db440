//! The strict reading of attributes: one state, one encoding.

use super::form::{Child, Structure};
use super::join::{MAX_NESTING, too_deep};
use super::place::{Dots, Fields, Items, Values};
use crate::bytes::Reader;
use crate::error::{Error, Result};
use crate::time::Nanotime;
use crate::value;

/// Looks for anything in a body that is not canonical, and notes which rows of the table its entries bear.
#[derive(Debug)]
pub struct Check {
    used: Vec<bool>,
    times: Vec<Nanotime>,
    depth: usize,
}

impl Check {
    /// A check against a table whose rows have these times.
    pub fn new(times: Vec<Nanotime>) -> Self {
        Check { used: vec![false; times.len()], times, depth: 0 }
    }

    pub(super) fn times(&self) -> &[Nanotime] {
        &self.times
    }

    /// Notes a row that something else bears.
    pub fn mark(&mut self, row: u32) -> Result<()> {
        let used = self.used.get_mut(row as usize);
        *used.ok_or_else(|| Error::corrupt("an entry names no row of the table"))? = true;
        Ok(())
    }

    /// Whether every row of the table is borne by something.
    pub fn all_used(&self) -> bool {
        self.used.iter().all(|used| *used)
    }

    /// Checks a body that must hold something.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt).
    pub fn body(&mut self, structure: Structure<'_>, body: &[u8]) -> Result<()> {
        if self.depth == MAX_NESTING {
            return Err(too_deep());
        }
        self.depth += 1;
        let any = match structure {
            Structure::Unit => !body.is_empty(),
            Structure::Values => self.values(body)?,
            Structure::Map(child) => self.map(child, body)?,
            Structure::Nested => self.nested(body)?,
            Structure::Sequence(content) => self.sequence(content, body)?,
        };
        self.depth -= 1;
        if any { Ok(()) } else { Err(Error::corrupt("a place that holds nothing is written out")) }
    }

    fn values(&mut self, body: &[u8]) -> Result<bool> {
        let (mut values, mut last) = (Values::new(body), None);
        while let Some(entry) = values.next()? {
            ascending(&mut last, entry.row, "the writes at a place are not in the order of their rows")?;
            value::check(entry.value)?;
            self.mark(entry.row)?;
        }
        Ok(last.is_some())
    }

    pub(super) fn dots(&mut self, bytes: &[u8]) -> Result<bool> {
        let (mut reader, mut last) = (Reader::new(bytes), None);
        let mut dots = Dots::new(&mut reader);
        while let Some(row) = dots.next()? {
            ascending(&mut last, row, "the dots of a place are not in the order of their rows")?;
            self.mark(row)?;
        }
        Ok(last.is_some())
    }

    fn map(&mut self, child: Child<'_>, body: &[u8]) -> Result<bool> {
        let mut items = Items::new(body, child == Child::Unit)?;
        let (mut any, mut last) = (self.dots(items.own)?, None);
        while let Some(item) = items.next()? {
            value::check(item.key)?;
            ascending(&mut last, item.key, "the keys of a map are not in order")?;
            let present = self.dots(item.dots)?;
            if !item.body.is_empty() {
                self.body(child.structure(), item.body)?;
            } else if !present {
                return Err(Error::corrupt("a key that holds nothing is written out"));
            }
            any = true;
        }
        Ok(any)
    }

    fn nested(&mut self, body: &[u8]) -> Result<bool> {
        let mut fields = Fields::new(body)?;
        let (mut any, mut last) = (self.dots(fields.own)?, None);
        while let Some(field) = fields.next()? {
            ascending(&mut last, (field.name, field.form), "nested attributes are not in order")?;
            self.body(field.form.structure(), field.body)?;
            any = true;
        }
        Ok(any)
    }
}

fn ascending<T: PartialOrd + Copy>(last: &mut Option<T>, next: T, otherwise: &'static str) -> Result<()> {
    if last.is_some_and(|last| last >= next) {
        return Err(Error::corrupt(otherwise));
    }
    *last = Some(next);
    Ok(())
}
