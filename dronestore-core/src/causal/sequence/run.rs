//! Runs: chains of elements that one commit inserted, read and written.

use crate::bytes::{Reader, put_varint};
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
            Content::Chars => Content::first_chars(bytes, count as usize).ok_or_else(too_few),
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

    /// How many bytes the first characters of a text take; `None` where there are not so many.
    pub fn first_chars(bytes: &[u8], number: usize) -> Option<usize> {
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
        let [head, row, index, stem, stem_index, size] = match short_numbers(&mut self.reader) {
            Some(numbers) => numbers,
            None => self.numbers()?,
        };
        let count = u32::try_from(head >> 2).ok().filter(|count| *count > 0).ok_or_else(bad_run)?;
        let id = Id { row: number(row)?, index: number(index)? };
        id.index.checked_add(count).ok_or_else(bad_run)?;
        let stem = match (head & 2, stem) {
            (0, 0) => Stem::Root,
            (0, _) => {
                let row = (stem >> 1).checked_sub(1).ok_or_else(bad_run)?;
                let id = Id { row: number(row)?, index: number(stem_index)? };
                if stem & 1 == 1 { Stem::Right(id) } else { Stem::Left(id) }
            }
            _ => Stem::Right(Id { index: id.index.checked_sub(1).ok_or_else(bad_run)?, ..id }),
        };
        if head & 1 == 0 {
            return Ok(Some(Run { id, count, stem, content: &[] }));
        }
        let size = usize::try_from(size).map_err(|_| bad_run())?;
        let size = match self.content {
            Content::Chars => size.checked_add(count as usize).ok_or_else(bad_run)?,
            Content::Values => size,
        };
        let content = self.reader.take(size)?;
        if content.is_empty() {
            return Err(bad_run());
        }
        Ok(Some(Run { id, count, stem, content }))
    }

    /// The numbers in front of a run's content, those that are left out as 0.
    #[inline(never)]
    fn numbers(&mut self) -> Result<[u64; 6]> {
        let reader = &mut self.reader;
        let (head, row, index) = (reader.varint()?, reader.varint()?, reader.varint()?);
        let stem = if head & 2 == 0 { reader.varint()? } else { 0 };
        let stem_index = if stem != 0 { reader.varint()? } else { 0 };
        let size = if head & 1 == 1 { reader.varint()? } else { 0 };
        Ok([head, row, index, stem, stem_index, size])
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

#[inline]
fn number(number: u64) -> Result<u32> {
    u32::try_from(number).map_err(|_| bad_run())
}

/// As [`Runs::numbers`], where each takes one byte or two and there are bytes enough to look at all of them at once; takes
/// nothing where it is not so.
#[inline]
fn short_numbers(reader: &mut Reader<'_>) -> Option<[u64; 6]> {
    let mut word = u128::from_le_bytes(*reader.rest().first_chunk::<16>()?);
    let mut length = 0;
    let mut next = || {
        let low = word as u64;
        let (number, bytes) = match low & 0x80 {
            0 => (low & 0x7f, 1),
            // Two bytes, of which the second is neither 0, for that would be one too many, nor says that more follow.
            _ if matches!(low >> 8 & 0xff, 1..0x80) => (low & 0x7f | low >> 1 & 0x3f80, 2),
            _ => return None,
        };
        word >>= 8 * bytes;
        length += bytes;
        Some(number)
    };
    let (head, row, index) = (next()?, next()?, next()?);
    let stem = if head & 2 == 0 { next()? } else { 0 };
    let stem_index = if stem != 0 { next()? } else { 0 };
    let size = if head & 1 == 1 { next()? } else { 0 };
    // Twelve bytes at most.
    reader.take(length).ok()?;
    Some([head, row, index, stem, stem_index, size])
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
        Header::put(self.content, &run, content.len(), out);
        out.extend_from_slice(content);
        self.pieces.clear();
    }
}

/// What stands in front of a run's content: gathered first, so that it is appended in one go.
struct Header {
    /// The first bytes, the first one lowest.
    word: u128,
    length: usize,
}

impl Header {
    /// Appends the header of a run with so many bytes of content.
    #[inline]
    fn put(content: Content, run: &Run<'_>, size: usize, out: &mut Vec<u8>) {
        let mut header = Header { word: 0, length: 0 };
        let Id { row, index } = run.id;
        let continues = index > 0 && run.stem == Stem::Right(Id { row, index: index - 1 });
        let is_visible = size > 0;
        header.number(u64::from(run.count) << 2 | u64::from(continues) << 1 | u64::from(is_visible), out);
        header.number(u64::from(row), out);
        header.number(u64::from(index), out);
        match run.stem {
            _ if continues => {}
            Stem::Root => header.number(0, out),
            Stem::Left(id) => header.stem(id, 0, out),
            Stem::Right(id) => header.stem(id, 1, out),
        }
        match content {
            _ if !is_visible => {}
            Content::Chars => header.number((size as u64).saturating_sub(u64::from(run.count)), out),
            Content::Values => header.number(size as u64, out),
        }
        header.end(out);
    }

    #[inline]
    fn stem(&mut self, id: Id, side: u64, out: &mut Vec<u8>) {
        self.number((u64::from(id.row) + 1) << 1 | side, out);
        self.number(u64::from(id.index), out);
    }

    #[inline]
    fn number(&mut self, number: u64, out: &mut Vec<u8>) {
        let (bytes, length) = match number {
            0..0x80 => (number, 1),
            0x80..0x4000 => (number & 0x7f | 0x80 | number << 1 & 0x7f00, 2),
            _ => return self.long_number(number, out),
        };
        self.word |= u128::from(bytes) << (8 * self.length);
        self.length += length;
        if self.length > 14 {
            self.end(out);
        }
    }

    #[inline(never)]
    fn long_number(&mut self, number: u64, out: &mut Vec<u8>) {
        self.end(out);
        put_varint(out, number);
    }

    #[inline]
    fn end(&mut self, out: &mut Vec<u8>) {
        // Sixteen bytes are appended faster than so many as there are.
        let end = out.len() + self.length;
        out.extend_from_slice(&self.word.to_le_bytes());
        out.truncate(end);
        (self.word, self.length) = (0, 0);
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
