//! The bytes of the journal: what a file begins with, and records that are whole or nothing.

use super::super::fault::bad_data;
use crate::store::Write;
use crate::{Hash, Result};
use ::redb::StorageBackend;
use dronestore_core::bytes::{Reader, put_slice, put_varint};
use std::io;

/// What a record begins and ends with: no two share one, so a torn write leaves those before it alone.
pub(super) const BLOCK: usize = 4096;

/// The first bytes of a file with a journal.
const MAGIC: [u8; 16] = *b"dronestore file\0";
const VERSION: u32 = 1;
/// The first bytes of a redb file, which is a store without a journal: those of versions before it.
const REDB: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";

/// Blocks of the journal in files that are made.
const BLOCKS: u32 = 256;
/// More are not believed.
const MOST: u32 = 1 << 12;

/// Where things are in a file.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Layout {
    /// Blocks of the journal, behind the first one.
    pub(super) blocks: u32,
    /// What records of this file begin with: drawn at random, so that no value that somebody stores looks like a record.
    mark: [u8; 8],
}

/// Bytes of magic, version, blocks and mark, and of the hash behind them.
const SAID: usize = 16 + 4 + 4 + 8;
const FRONT: usize = SAID + 8;

impl Layout {
    /// Where redb's bytes begin.
    pub(in super::super) fn start(self) -> u64 {
        (1 + u64::from(self.blocks)) * BLOCK as u64
    }

    /// The layout of a file; `None` if it is redb's alone.
    ///
    /// # Errors
    /// Of kind [`InvalidData`](io::ErrorKind::InvalidData) where the first bytes are neither's,
    /// [`Unsupported`](io::ErrorKind::Unsupported) where they are those of a later version.
    pub(in super::super) fn read(file: &dyn StorageBackend) -> io::Result<Option<Layout>> {
        let mut head = [0; FRONT];
        if file.len()? < head.len() as u64 {
            return Err(bad_data("the file ends within its first bytes"));
        }
        file.read(0, &mut head)?;
        if head.starts_with(REDB) {
            return Ok(None);
        }
        if head[..16] != MAGIC || head[SAID..] != Hash::of(&head[..SAID]).as_bytes()[..8] {
            return Err(bad_data("the first bytes are not those of a store"));
        }
        let (version, blocks) = (u32_at(&head, 16), u32_at(&head, 20));
        if version != VERSION || !(1..=MOST).contains(&blocks) {
            return Err(io::Error::from(io::ErrorKind::Unsupported));
        }
        let layout = Layout { blocks, mark: array_at(&head, 24) };
        // Redb would begin anew behind it.
        if file.len()? <= layout.start() {
            return Err(bad_data("the file ends within its journal"));
        }
        Ok(Some(layout))
    }

    /// Lays out an empty file. Its journal is written once, so that later writes to it only replace what is there.
    pub(in super::super) fn create(file: &dyn StorageBackend) -> io::Result<Layout> {
        let mut mark = [0; 8];
        getrandom::fill(&mut mark).map_err(io::Error::other)?;
        let layout = Layout { blocks: BLOCKS, mark };
        let mut head = Vec::from(MAGIC);
        head.extend(VERSION.to_le_bytes());
        head.extend(layout.blocks.to_le_bytes());
        head.extend(layout.mark);
        let hash = Hash::of(&head);
        head.extend(&hash.as_bytes()[..8]);
        head.resize(layout.start() as usize, 0);
        file.set_len(layout.start())?;
        file.write(0, &head)?;
        Ok(layout)
    }
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

/// Bytes of a record's head: hash, mark, epoch, index, length of the batch.
const HEAD: usize = 16 + 8 + 8 + 4 + 4;
const HASHED: usize = 16;

/// A record of a batch of writes; its place in the journal comes with [`Record::place`].
pub(super) struct Record(Vec<u8>);

impl Record {
    /// `None` where the batch is longer than this many bytes.
    pub(super) fn of(writes: &[Write<'_>], most: usize) -> Option<Record> {
        let length = |write: &Write<'_>| 11 + write.key.len() + write.value.map_or(0, <[u8]>::len);
        if writes.iter().map(length).sum::<usize>() > most {
            return None;
        }
        let mut bytes = vec![0; HEAD];
        for write in writes {
            put_slice(&mut bytes, write.key);
            // A value is told with one more than its length.
            put_varint(&mut bytes, write.value.map_or(0, |value| value.len() as u64 + 1));
            bytes.extend_from_slice(write.value.unwrap_or_default());
        }
        let batch = (bytes.len() - HEAD) as u32;
        bytes[36..40].copy_from_slice(&batch.to_le_bytes());
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        Some(Record(bytes))
    }

    pub(super) fn blocks(&self) -> u32 {
        (self.0.len() / BLOCK) as u32
    }

    /// The bytes to write there.
    pub(super) fn place(&mut self, layout: Layout, tail: Tail) -> &[u8] {
        let bytes = &mut self.0;
        bytes[16..24].copy_from_slice(&layout.mark);
        bytes[24..32].copy_from_slice(&tail.epoch.to_le_bytes());
        bytes[32..36].copy_from_slice(&tail.index.to_le_bytes());
        let hash = Hash::of(&bytes[HASHED..]);
        bytes[..HASHED].copy_from_slice(&hash.as_bytes()[..HASHED]);
        bytes
    }
}

/// The place for the next record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    /// Counts the times that the journal began again.
    pub(super) epoch: u64,
    /// How many records are there.
    pub(super) index: u32,
    /// How many blocks they take.
    pub(super) used: u32,
}

impl Tail {
    /// The beginning of the journal.
    pub(super) fn begin(epoch: u64) -> Tail {
        Tail { epoch, index: 0, used: 0 }
    }

    pub(super) fn has_room(self, layout: Layout, record: &Record) -> bool {
        record.blocks() <= layout.blocks - self.used
    }

    /// Where it is in the file.
    pub(super) fn offset(self) -> u64 {
        (1 + u64::from(self.used)) * BLOCK as u64
    }

    pub(super) fn behind(self, record: &Record) -> Tail {
        Tail { epoch: self.epoch, index: self.index + 1, used: self.used + record.blocks() }
    }
}

/// The batches of this epoch that the journal holds, in order, encoded; and the place behind them.
///
/// # Errors
/// Of kind [`InvalidData`](io::ErrorKind::InvalidData) where a record is damaged that was whole once: one that was written
/// after it is whole.
pub(super) fn read(
    layout: Layout,
    epoch: u64,
    file: &dyn StorageBackend,
) -> io::Result<(Vec<Vec<u8>>, Tail)> {
    let mut bytes = vec![0; layout.blocks as usize * BLOCK];
    file.read(BLOCK as u64, &mut bytes)?;
    let (mut batches, mut tail) = (Vec::new(), Tail::begin(epoch));
    let parse = |block: usize| Found::parse(layout, bytes.get(block * BLOCK..)?);
    while let Some(found) = parse(tail.used as usize)
        && (found.epoch, found.index) == (epoch, tail.index)
    {
        batches.push(found.batch.to_vec());
        tail = Tail { epoch, index: tail.index + 1, used: tail.used + (found.length / BLOCK) as u32 };
    }
    let mut behind = tail.used as usize..layout.blocks as usize;
    if behind.any(|block| parse(block).is_some_and(|found| found.epoch >= epoch)) {
        Err(bad_data("a record of the journal is damaged, or what it follows"))
    } else {
        Ok((batches, tail))
    }
}

/// A record that is whole.
struct Found<'b> {
    epoch: u64,
    index: u32,
    batch: &'b [u8],
    length: usize,
}

impl<'b> Found<'b> {
    fn parse(layout: Layout, bytes: &'b [u8]) -> Option<Self> {
        if *bytes.get(HASHED..24)? != layout.mark {
            return None;
        }
        let end = HEAD.checked_add(u32_at(bytes.get(..HEAD)?, 36) as usize)?;
        let length = end.checked_next_multiple_of(BLOCK)?;
        let record = bytes.get(..length)?;
        let is_whole = Hash::of(&record[HASHED..]).as_bytes()[..HASHED] == record[..HASHED];
        is_whole.then(|| Found {
            epoch: u64::from_le_bytes(array_at(record, 24)),
            index: u32_at(record, 32),
            batch: &record[HEAD..end],
            length,
        })
    }
}

/// The writes of a batch that was read.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where they are none.
pub(super) fn writes(batch: &[u8]) -> Result<Vec<Write<'_>>> {
    let mut reader = Reader::new(batch);
    let mut writes = Vec::new();
    while !reader.is_empty() {
        let key = reader.slice()?;
        let value = reader.length()?.checked_sub(1).map(|length| reader.take(length)).transpose()?;
        writes.push(Write { key, value });
    }
    Ok(writes)
}
