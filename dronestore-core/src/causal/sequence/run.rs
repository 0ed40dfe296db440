//! Runs: chains of elements that one commit inserted, read and written.

use crate::bytes::Reader;
use crate::causal::place::dots_slice;
use crate::error::{Error, Result};
use crate::value;

/// What the elements of a sequence are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Unicode characters.
    Chars,
    /// Values.
    Values,
}

impl Content {
    /// How many bytes the first `count` elements of a content take, which has `of` elements.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where there are not so many.
    pub fn length(self, bytes: &[u8], of: u32, count: u32) -> Result<usize> {
        match self {
            _ if count == of => Ok(bytes.len()),
            Content::Chars if bytes.len() == of as usize => Ok(count as usize),
            Content::Chars => chars(bytes, count as usize).ok_or_else(too_few),
            Content::Values => {
                let mut reader = Reader::new(bytes);
                for _ in 0..count {
                    let length = value::item_len(reader.rest())?;
                    reader.take(length)?;
                }
                Ok(bytes.len() - reader.rest().len())
            }
        }
    }
}

/// Where the character of this number begins.
fn chars(bytes: &[u8], number: usize) -> Option<usize> {
    let starts = |byte: &u8| byte & 0xc0 != 0x80;
    let mut rest = number;
    // A block at a time: counting is much faster than finding.
    const BLOCK: usize = 64;
    let mut at = 0;
    while let Some(block) = bytes.get(at..at + BLOCK) {
        let count = block.iter().filter(|byte| starts(byte)).count();
        if count > rest {
            break;
        }
        rest -= count;
        at += BLOCK;
    }
    let mut tail = bytes[at..].iter().enumerate().filter(|(_, byte)| starts(byte));
    match tail.nth(rest) {
        Some((offset, _)) => Some(at + offset),
        None => (rest == bytes[at..].iter().filter(|byte| starts(byte)).count()).then_some(bytes.len()),
    }
}

/// The name of an element: the row of the commit that inserted it, and its index in that commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// The row of the commit's dot.
    pub row: u32,
    /// The how manieth of the commit's elements it is, from 0.
    pub index: u32,
}

/// Where an element hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stem {
    /// On the root.
    Root,
    /// On the left of this element.
    Left(Id),
    /// On the right of this element.
    Right(Id),
}

/// A chain of elements: each but the first hangs on the right of the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run<'a> {
    /// The first element.
    pub id: Id,
    /// How many elements there are, at least one.
    pub count: u32,
    /// Where the first element hangs.
    pub stem: Stem,
    /// What the elements are; no bytes for tombstones.
    pub content: &'a [u8],
}

impl<'a> Run<'a> {
    /// The last element.
    #[inline]
    pub fn last(&self) -> Id {
        Id { row: self.id.row, index: self.id.index + (self.count - 1) }
    }

    /// Whether the elements are part of the text.
    #[inline]
    pub fn is_visible(&self) -> bool {
        !self.content.is_empty()
    }

    /// The same elements without content.
    #[inline]
    #[must_use]
    pub fn tombstone(self) -> Run<'static> {
        Run { id: self.id, count: self.count, stem: self.stem, content: &[] }
    }

    /// The first `at` elements and the others; there must be some of both.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where the content has not so many elements.
    pub fn split(self, content: Content, at: u32) -> Result<(Run<'a>, Run<'a>)> {
        let length = if self.is_visible() { content.length(self.content, self.count, at)? } else { 0 };
        let (before, after) = self.content.split_at(length);
        let first = Run { count: at, content: before, ..self };
        let id = Id { index: self.id.index + at, ..self.id };
        Ok((first, Run { id, count: self.count - at, stem: Stem::Right(first.last()), content: after }))
    }

    /// Whether a run stands where a chain that ends with this one goes on.
    #[inline]
    fn goes_on_with(&self, next: &Run<'_>) -> bool {
        let last = self.last();
        next.stem == Stem::Right(last)
            && next.id.row == last.row
            && last.index.checked_add(1) == Some(next.id.index)
            && next.is_visible() == self.is_visible()
    }
}

/// For how many bytes of runs room is made before they are read.
const MOST_AT_ONCE: usize = 1 << 17;

/// The runs of a sequence, in the order of the text.
#[derive(Debug, Clone, Copy)]
pub struct Runs<'a> {
    reader: Reader<'a>,
    content: Content,
    /// The place's own dots, as bytes; empty for a body of no bytes.
    pub own: &'a [u8],
}

impl<'a> Runs<'a> {
    /// A cursor over these bytes.
    #[inline]
    pub fn new(bytes: &'a [u8], content: Content) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let own = dots_slice(&mut reader)?;
        Ok(Runs { reader, content, own })
    }

    /// For how many runs to make room before they are read.
    pub(super) fn room(&self) -> usize {
        self.rest().len().min(MOST_AT_ONCE) / 8
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.reader.rest()
    }

    /// The next run, if there is one.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) on bytes that are no run.
    #[inline]
    pub fn next(&mut self) -> Result<Option<Run<'a>>> {
        if self.reader.is_empty() {
            return Ok(None);
        }
        let reader = &mut self.reader;
        let head = reader.varint()?;
        let count = u32::try_from(head >> 2).ok().filter(|count| *count > 0).ok_or_else(bad_run)?;
        let id = Id { row: number(reader)?, index: number(reader)? };
        id.index.checked_add(count).ok_or_else(bad_run)?;
        let stem = match head & 2 {
            0 => stem(reader)?,
            _ => Stem::Right(Id { index: id.index.checked_sub(1).ok_or_else(bad_run)?, ..id }),
        };
        let content = match (head & 1, self.content) {
            (0, _) => &[][..],
            (_, Content::Chars) => {
                let length = reader.length()?.checked_add(count as usize).ok_or_else(bad_run)?;
                reader.take(length)?
            }
            (_, Content::Values) => reader.slice()?,
        };
        if head & 1 == 1 && content.is_empty() {
            return Err(bad_run());
        }
        Ok(Some(Run { id, count, stem, content }))
    }

    /// All that are left.
    ///
    /// # Errors
    /// As [`Runs::next`].
    pub fn collect(mut self) -> Result<Vec<Run<'a>>> {
        let mut runs = Vec::with_capacity(self.room());
        while let Some(run) = self.next()? {
            runs.push(run);
        }
        Ok(runs)
    }
}

fn number(reader: &mut Reader<'_>) -> Result<u32> {
    u32::try_from(reader.varint()?).map_err(|_| bad_run())
}

fn stem(reader: &mut Reader<'_>) -> Result<Stem> {
    let number_and_side = reader.varint()?;
    if number_and_side == 0 {
        return Ok(Stem::Root);
    }
    let row = (number_and_side >> 1).checked_sub(1).and_then(|row| u32::try_from(row).ok());
    let id = Id { row: row.ok_or_else(bad_run)?, index: number(reader)? };
    Ok(if number_and_side & 1 == 1 { Stem::Right(id) } else { Stem::Left(id) })
}

/// Writes runs, in the order of the text, each as long as it can be.
#[derive(Debug)]
pub struct RunWriter<'a> {
    content: Content,
    last: Option<Run<'a>>,
    /// The content of the last run, where it comes in pieces.
    pieces: Vec<u8>,
}

impl<'a> RunWriter<'a> {
    /// A writer of such elements.
    pub fn new(content: Content) -> Self {
        RunWriter { content, last: None, pieces: Vec::new() }
    }

    /// Adds a run.
    #[inline]
    pub fn put(&mut self, out: &mut Vec<u8>, run: Run<'a>) {
        match &mut self.last {
            Some(last) if last.goes_on_with(&run) => {
                if run.is_visible() {
                    if self.pieces.is_empty() {
                        self.pieces.extend_from_slice(last.content);
                    }
                    self.pieces.extend_from_slice(run.content);
                }
                last.count += run.count;
            }
            _ => {
                self.end(out);
                self.last = Some(run);
            }
        }
    }

    /// Writes what is still held back.
    #[inline]
    pub fn end(&mut self, out: &mut Vec<u8>) {
        let Some(run) = self.last.take() else { return };
        let content = if self.pieces.is_empty() { run.content } else { &self.pieces[..] };
        Header::of(self.content, &run, content.len()).put(out);
        out.extend_from_slice(content);
        self.pieces.clear();
    }
}

/// What stands in front of a run's content: gathered first, so that it is appended in one go.
struct Header {
    bytes: [u8; Header::MOST],
    length: usize,
}

impl Header {
    /// Five numbers of 35 bits at most, and a size.
    const MOST: usize = 5 * 5 + 10;

    #[inline]
    fn of(content: Content, run: &Run<'_>, size: usize) -> Header {
        let mut header = Header { bytes: [0; Header::MOST], length: 0 };
        let Id { row, index } = run.id;
        let continues = index > 0 && run.stem == Stem::Right(Id { row, index: index - 1 });
        let is_visible = size > 0;
        header.number(u64::from(run.count) << 2 | u64::from(continues) << 1 | u64::from(is_visible));
        header.number(u64::from(row));
        header.number(u64::from(index));
        match run.stem {
            _ if continues => {}
            Stem::Root => header.number(0),
            Stem::Left(id) => header.stem(id, 0),
            Stem::Right(id) => header.stem(id, 1),
        }
        match content {
            _ if !is_visible => {}
            Content::Chars => header.number((size as u64).saturating_sub(u64::from(run.count))),
            Content::Values => header.number(size as u64),
        }
        header
    }

    #[inline]
    fn stem(&mut self, id: Id, side: u64) {
        self.number((u64::from(id.row) + 1) << 1 | side);
        self.number(u64::from(id.index));
    }

    #[inline]
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        if let Some(at) = self.bytes.get_mut(self.length) {
            *at = byte;
        }
        self.length += 1;
    }

    #[inline]
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.bytes.get(..self.length).unwrap_or(&self.bytes));
    }
}

#[cold]
fn bad_run() -> Error {
    Error::corrupt("a run of a sequence is not well formed")
}

#[cold]
fn too_few() -> Error {
    Error::corrupt("a run of a text holds fewer characters than it says")
}
