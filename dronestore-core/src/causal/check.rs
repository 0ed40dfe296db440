//! The strict reading of attributes: one state, one encoding.

use super::form::{Child, Form, Structure, code};
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

    /// Checks what stands under a form, which must be something.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt).
    pub fn body(&mut self, form: Form<'_>, body: &[u8]) -> Result<()> {
        if self.depth == MAX_NESTING {
            return Err(too_deep());
        }
        self.depth += 1;
        let any = match form.structure() {
            Structure::Unit => !body.is_empty(),
            Structure::Values => self.values(form.code(), body)?,
            Structure::Map(child) => self.map(form.code(), child, body)?,
            Structure::Nested => self.nested(body)?,
            Structure::Sequence(content) => self.sequence(content, body)?,
        };
        self.depth -= 1;
        if any { Ok(()) } else { Err(Error::corrupt("a place that holds nothing is written out")) }
    }

    fn values(&mut self, code: u8, body: &[u8]) -> Result<bool> {
        let (mut values, mut last) = (Values::new(body), None);
        while let Some(entry) = values.next()? {
            ascending(&mut last, entry.row, "the writes at a place are not in the order of their rows")?;
            value::check(entry.value)?;
            if !is_of(code, entry.value)? {
                return Err(Error::corrupt("an entry is not what its strategy writes"));
            }
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

    fn map(&mut self, code: u8, child: Child<'_>, body: &[u8]) -> Result<bool> {
        let mut items = Items::new(body, child == Child::Unit)?;
        let (mut any, mut last) = (self.dots(items.own)?, None);
        while let Some(item) = items.next()? {
            value::check(item.key)?;
            if code == code::OPTION && item.key != NULL {
                return Err(Error::corrupt("what is in an option stands under no key but null"));
            }
            ascending(&mut last, item.key, "the keys of a map are not in order")?;
            let present = self.dots(item.dots)?;
            if !item.body.is_empty() {
                match child {
                    Child::Form(form) => self.body(form, item.body)?,
                    Child::Values if code == code::LIST_MOVES => {
                        _ = self.values(code::LOCATION, item.body)?
                    }
                    Child::Values => _ = self.values(code::FLAG, item.body)?,
                    Child::Unit => {}
                }
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
            self.body(field.form, field.body)?;
            any = true;
        }
        Ok(any)
    }
}

const NULL: [u8; 1] = [0xf6];

/// Whether an entry is of the kind that the strategies of this code write: readers and other writers count on it.
fn is_of(code: u8, value: &[u8]) -> Result<bool> {
    let kind = |value: &[u8]| value.first().map(|first| first >> 5);
    Ok(match code {
        code::COUNTER => matches!(kind(value), Some(0 | 1 | 6)),
        code::FLAG | code::FLAG_FALSE_WINS => matches!(value, [0xf4 | 0xf5]),
        code::LATEST_OBJECT => kind(value) == Some(5),
        code::CONFLICT => is_side(value)?,
        _ => true,
    })
}

/// Whether it is a list of a value and of what its writer noted of others: bytes.
fn is_side(value: &[u8]) -> Result<bool> {
    let head = match value.first() {
        Some(0x81..=0x97) => 1,
        Some(0x98) => 2,
        Some(0x99) => 3,
        Some(0x9a) => 5,
        _ => return Ok(false),
    };
    let mut notes = value.get(head..).unwrap_or_default();
    notes = &notes[value::item_len(notes)?..];
    while let Some(first) = notes.first() {
        if first >> 5 != 2 {
            return Ok(false);
        }
        notes = &notes[value::item_len(notes)?..];
    }
    Ok(true)
}

fn ascending<T: PartialOrd + Copy>(last: &mut Option<T>, next: T, otherwise: &'static str) -> Result<()> {
    if last.is_some_and(|last| last >= next) {
        return Err(Error::corrupt(otherwise));
    }
    *last = Some(next);
    Ok(())
}
