//! Rows: where in a body the numbers of rows stand.

use super::form::{Child, Structure};
use super::join::{MAX_NESTING, too_deep};
use super::sequence::Content;
use crate::bytes::Reader;
use crate::error::{Error, Result};
use crate::value;

/// Where a row's number stands: the offset of its first byte, and whether in a list of dots or in front of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot(usize);

impl Spot {
    /// In front of a value.
    #[inline]
    pub fn of_value(at: usize) -> Spot {
        Spot(at << 1)
    }

    /// In a list of dots, where a number is one larger and its lowest bit says whether more follow.
    #[inline]
    pub fn of_dot(at: usize) -> Spot {
        Spot(at << 1 | 1)
    }

    /// The offset.
    #[inline]
    pub fn at(self) -> usize {
        self.0 >> 1
    }

    /// Whether it is in a list of dots.
    #[inline]
    pub fn is_dot(self) -> bool {
        self.0 & 1 == 1
    }

    /// The same spot, so many bytes further on.
    #[must_use]
    pub fn moved(self, by: usize) -> Spot {
        Spot(self.0 + (by << 1))
    }
}

/// Shows every row that a body bears, with the spot where its number stands; `at` is the offset of the body itself.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) on bytes that are no body of this structure.
#[inline]
pub fn each_row(
    structure: Structure<'_>,
    body: &[u8],
    at: usize,
    each: &mut impl FnMut(u32, Spot),
) -> Result<()> {
    Walk { end: at + body.len(), reader: Reader::new(body), depth: 0, each }.body(structure)
}

/// As [`each_row`], for one item of a map or set: key, dots and what stands below.
///
/// # Errors
/// As [`each_row`].
pub fn each_row_of_item(
    child: Child<'_>,
    item: &[u8],
    at: usize,
    each: &mut impl FnMut(u32, Spot),
) -> Result<()> {
    Walk { end: at + item.len(), reader: Reader::new(item), depth: 0, each }.item(child)
}

/// As [`each_row`], for the runs of a sequence.
///
/// # Errors
/// As [`each_row`].
pub fn each_row_of_runs(
    content: Content,
    runs: &[u8],
    at: usize,
    each: &mut impl FnMut(u32, Spot),
) -> Result<()> {
    Walk { end: at + runs.len(), reader: Reader::new(runs), depth: 0, each }.runs(content)
}

struct Walk<'b, F> {
    reader: Reader<'b>,
    /// The offset of where the bytes end.
    end: usize,
    depth: usize,
    each: F,
}

impl<F: FnMut(u32, Spot)> Walk<'_, &mut F> {
    fn body(&mut self, structure: Structure<'_>) -> Result<()> {
        if self.reader.is_empty() {
            return Ok(());
        }
        match structure {
            Structure::Unit => Ok(()),
            Structure::Values => self.values(),
            _ if self.depth == MAX_NESTING => Err(too_deep()),
            Structure::Map(child) => {
                self.dots()?;
                while !self.reader.is_empty() {
                    self.item(child)?;
                }
                Ok(())
            }
            Structure::Sequence(content) => {
                self.dots()?;
                self.runs(content)
            }
            Structure::Nested => {
                self.dots()?;
                while !self.reader.is_empty() {
                    self.reader.slice()?;
                    let form = super::Form::split(&mut self.reader)?;
                    self.below(form.structure())?;
                }
                Ok(())
            }
        }
    }

    fn runs(&mut self, content: Content) -> Result<()> {
        while !self.reader.is_empty() {
            let head = self.reader.varint()?;
            let at = self.at();
            let row = self.reader.varint()?;
            (self.each)(number(row)?, Spot::of_value(at));
            self.reader.varint()?;
            if head & 2 == 0 {
                let at = self.at();
                let stem = self.reader.varint()?;
                // A stem bears its row as a dot does; 0 is the root, and has no index.
                if let Some(row) = (stem >> 1).checked_sub(1) {
                    (self.each)(number(row)?, Spot::of_dot(at));
                    self.reader.varint()?;
                }
            }
            if head & 1 == 1 {
                let size = self.reader.varint()?;
                let count = if content == Content::Chars { head >> 2 } else { 0 };
                let size = usize::try_from(size.saturating_add(count)).unwrap_or(usize::MAX);
                self.reader.take(size)?;
            }
        }
        Ok(())
    }

    fn values(&mut self) -> Result<()> {
        while !self.reader.is_empty() {
            let at = self.at();
            let row = self.reader.varint()?;
            (self.each)(number(row)?, Spot::of_value(at));
            self.skip_value()?;
        }
        Ok(())
    }

    fn item(&mut self, child: Child<'_>) -> Result<()> {
        self.skip_value()?;
        self.dots()?;
        if child == Child::Unit { Ok(()) } else { self.below(child.structure()) }
    }

    /// A body with its size in front.
    fn below(&mut self, structure: Structure<'_>) -> Result<()> {
        let body = self.reader.slice()?;
        let end = self.at();
        Walk { end, reader: Reader::new(body), depth: self.depth + 1, each: &mut *self.each }.body(structure)
    }

    fn dots(&mut self) -> Result<()> {
        loop {
            let at = self.at();
            let dot = self.reader.varint()?;
            match (dot >> 1).checked_sub(1) {
                Some(row) => (self.each)(number(row)?, Spot::of_dot(at)),
                None if dot == 0 => {}
                None => return Err(Error::corrupt("a list of dots holds an empty one")),
            }
            if dot & 1 == 0 {
                return Ok(());
            }
        }
    }

    fn skip_value(&mut self) -> Result<()> {
        let length = value::item_len(self.reader.rest())?;
        self.reader.take(length).map(|_| ())
    }

    fn at(&self) -> usize {
        self.end - self.reader.rest().len()
    }
}

fn number(row: u64) -> Result<u32> {
    u32::try_from(row).map_err(|_| Error::corrupt("an entry names no row of the table"))
}
