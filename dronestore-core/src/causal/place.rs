//! Places: cursors over the bytes at one place of a state.
//!
//! ```text
//! values := (row, value)*                  ascending by row; a value is one canonical item
//! map    := dots, (key, dots, child)*      ascending by the key's bytes; a key is one canonical item
//! child  := nothing | size, body           nothing below a set's element
//! nested := dots, (size, name, form, size, body)*     ascending by (name, form)
//! dots   := 0 | ((row + 1) << 1 | more)+   varints, ascending
//! ```
//!
//! A body in which nothing is left is written as no bytes at all, and what holds it leaves it out.

use super::form::Form;
use crate::bytes::{Reader, put_varint};
use crate::error::{Error, Result};
use crate::value;

/// One write at a place: the row of its dot and the value it put there.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The row of the dot.
    pub row: u32,
    /// The canonical encoding of the value.
    pub value: &'a [u8],
}

/// The writes at a place, in the order of their rows.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a>(Reader<'a>);

impl<'a> Values<'a> {
    /// A cursor over these bytes.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Values(Reader::new(bytes))
    }

    /// The next write, if there is one.
    #[inline]
    pub fn next(&mut self) -> Result<Option<Entry<'a>>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let row = row(self.0.varint()?)?;
        let length = value::item_len(self.0.rest())?;
        Ok(Some(Entry { row, value: self.0.take(length)? }))
    }
}

/// A list of dots; it must be read to its end before what follows it.
#[derive(Debug)]
pub struct Dots<'r, 'a> {
    reader: &'r mut Reader<'a>,
    more: bool,
}

impl<'r, 'a> Dots<'r, 'a> {
    /// The list at the front of the reader; a body of no bytes has none.
    #[inline]
    pub fn new(reader: &'r mut Reader<'a>) -> Self {
        let more = !reader.is_empty();
        Dots { reader, more }
    }

    /// The next row, if there is one.
    #[inline]
    pub fn next(&mut self) -> Result<Option<u32>> {
        if !self.more {
            return Ok(None);
        }
        let number = self.reader.varint()?;
        self.more = number & 1 == 1;
        match (number >> 1).checked_sub(1) {
            Some(index) => row(index).map(Some),
            None if self.more => Err(Error::corrupt("a list of dots holds an empty one")),
            None => Ok(None),
        }
    }
}

/// Skips a list of dots and says whether it held any.
#[inline]
pub fn skip_dots(reader: &mut Reader<'_>) -> Result<bool> {
    let mut dots = Dots::new(reader);
    let any = dots.next()?.is_some();
    while dots.next()?.is_some() {}
    Ok(any)
}

/// One entry of a map or set, its dots and child not looked into.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// The canonical encoding of the key or element.
    pub key: &'a [u8],
    /// The presence dots, as bytes.
    pub dots: &'a [u8],
    /// The body of the child; empty where there is none.
    pub body: &'a [u8],
}

impl Item<'_> {
    /// What a side has under a key that it does not have.
    pub const ABSENT: Item<'static> = Item { key: &[], dots: &[], body: &[] };

    /// Whether any presence dot is there.
    #[inline]
    pub fn is_present(&self) -> bool {
        !matches!(self.dots, [] | [0])
    }
}

/// A map or set: own dots, then items in the order of their keys' bytes.
#[derive(Debug, Clone, Copy)]
pub struct Items<'a> {
    reader: Reader<'a>,
    /// The place's own dots, as bytes; empty for a body of no bytes.
    pub own: &'a [u8],
    leaf: bool,
}

impl<'a> Items<'a> {
    /// A cursor over these bytes; `leaf` where nothing stands below a key (sets).
    #[inline]
    pub fn new(bytes: &'a [u8], leaf: bool) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let own = dots_slice(&mut reader)?;
        Ok(Items { reader, own, leaf })
    }

    /// Whether there is no further item.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.reader.is_empty()
    }

    /// The bytes of the items that are left.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.reader.rest()
    }

    /// The next item, whose key is known to have this length, where nothing can stand below it and its dots are one
    /// byte, as they mostly are; any other is left where it is.
    #[inline]
    pub(crate) fn next_leaf(&mut self, key: usize) -> Option<Item<'a>> {
        let (key, rest) = self.reader.rest().split_at_checked(key)?;
        let (dots, rest) = rest.split_at_checked(1)?;
        if !self.leaf || dots[0] >= 0x80 || dots[0] & 1 == 1 {
            return None;
        }
        self.reader = Reader::new(rest);
        Some(Item { key, dots, body: &[] })
    }

    /// The next item, if there is one.
    #[inline]
    pub fn next(&mut self) -> Result<Option<Item<'a>>> {
        if self.reader.is_empty() {
            return Ok(None);
        }
        let length = value::item_len(self.reader.rest())?;
        let key = self.reader.take(length)?;
        if self.reader.is_empty() {
            return Err(Error::corrupt("an element ends before its dots"));
        }
        let dots = dots_slice(&mut self.reader)?;
        let body = if self.leaf { &[][..] } else { self.reader.slice()? };
        Ok(Some(Item { key, dots, body }))
    }

    /// The next item, or one without a key, which no item is.
    #[inline]
    pub(super) fn next_or_absent(&mut self) -> Result<Item<'a>> {
        Ok(self.next()?.unwrap_or(Item::ABSENT))
    }
}

/// One attribute, by the bytes of its head (name and form) and of its body.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// The attribute's name.
    pub name: &'a str,
    /// Its form.
    pub form: Form<'a>,
    /// Its bytes.
    pub body: &'a [u8],
}

/// A nested drone: own dots, then its attributes in the order of (name, form).
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    reader: Reader<'a>,
    /// The place's own dots, as bytes; empty for a body of no bytes.
    pub own: &'a [u8],
}

impl<'a> Fields<'a> {
    /// A cursor over these bytes.
    pub fn new(bytes: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let own = dots_slice(&mut reader)?;
        Ok(Fields { reader, own })
    }

    /// The next attribute, if there is one.
    pub fn next(&mut self) -> Result<Option<Field<'a>>> {
        if self.reader.is_empty() {
            return Ok(None);
        }
        let name = self.reader.text()?;
        let form = Form::split(&mut self.reader)?;
        Ok(Some(Field { name, form, body: self.reader.slice()? }))
    }
}

#[inline]
pub(super) fn dots_slice<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8]> {
    let all = reader.rest();
    if let [first, ..] = all
        && first & 0x81 == 0
    {
        // No dot, or one in a byte.
        return reader.take(1);
    }
    skip_dots(reader)?;
    Ok(&all[..all.len() - reader.rest().len()])
}

#[inline]
fn row(number: u64) -> Result<u32> {
    u32::try_from(number).map_err(|_| Error::corrupt("an entry names no row of the table"))
}

/// Appends a list of dots; the rows must ascend.
#[derive(Debug, Default)]
pub struct DotsWriter {
    last: Option<usize>,
}

impl DotsWriter {
    /// Appends one row.
    #[inline]
    pub fn put(&mut self, out: &mut Vec<u8>, row: u32) {
        self.last = Some(out.len());
        put_varint(out, (u64::from(row) + 1) << 1 | 1);
    }

    /// Ends the list, and says whether it holds any.
    #[inline]
    pub fn end(self, out: &mut Vec<u8>) -> bool {
        match self.last {
            // The lowest bit, which says that more follow, is in the first byte of a varint.
            Some(last) => out[last] &= !1,
            None => out.push(0),
        }
        self.last.is_some()
    }
}
