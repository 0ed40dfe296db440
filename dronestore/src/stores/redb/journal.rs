//! One sync a batch: small batches go to a journal at the front of the file, and are kept in memory over redb's tables.
//!
//! A durable commit of redb with quick repair writes some ten pages and its header, with two syncs. Here a small batch is one
//! record in the journal, whole or nothing by its hash and made durable by one sync, and readers see it above the tables.
//! Once the journal is full, and with every large batch, redb makes a durable commit of all that came since the
//! last one, and the journal begins again. (A write-ahead log with checkpoints; Mohan and others, ARIES, TODS 1992.)
//!
//! Which records count is told by the epoch that stands in a table of redb: each durable commit raises it, so that it is
//! durable together with what the records before it said. Whoever opens the file after a kill has the batches above the tables
//! that are of this epoch.

mod record;
#[cfg(test)]
mod tests;

pub(super) use self::record::Layout;
use self::record::{BLOCK, Record, Tail};
use crate::Result;
use crate::store::Write;
use ::redb::StorageBackend;
use std::io;

/// The journal of an open file.
#[derive(Debug)]
pub(super) struct Journal {
    layout: Layout,
    tail: Tail,
}

impl Journal {
    /// Reads what somebody who had the file open left in it: the batches of this epoch, to be made again.
    ///
    /// # Errors
    /// Of kind [`InvalidData`](io::ErrorKind::InvalidData) where a record is damaged that was whole once.
    pub(super) fn open(
        layout: Layout,
        epoch: u64,
        file: &dyn StorageBackend,
    ) -> io::Result<(Self, Vec<Vec<u8>>)> {
        let (batches, tail) = record::read(layout, epoch, file)?;
        Ok((Journal { layout, tail }, batches))
    }

    /// Makes sure that the records which were found are durable.
    ///
    /// Cost: they are read and written where they are, and one sync.
    pub(super) fn sync(&self, file: &dyn StorageBackend) -> io::Result<()> {
        let mut bytes = vec![0; self.tail.used as usize * BLOCK];
        file.read(BLOCK as u64, &mut bytes)?;
        file.write(BLOCK as u64, &bytes)?;
        file.sync_data()
    }

    /// Makes the batch durable here, if it is small and there is room.
    ///
    /// Cost: a write of as many blocks of 4 KiB as the batch takes, and one sync.
    pub(super) fn append(&mut self, writes: &[Write<'_>], file: &dyn StorageBackend) -> io::Result<bool> {
        // Of larger ones the journal would hold too few to be worth the second copy.
        let most = self.layout.blocks as usize * BLOCK / 8;
        let Some(mut record) =
            Record::of(writes, most).filter(|record| self.tail.has_room(self.layout, record))
        else {
            return Ok(false);
        };
        file.write(self.tail.offset(), record.place(self.layout, self.tail))?;
        file.sync_data()?;
        self.tail = self.tail.behind(&record);
        Ok(true)
    }

    /// Whether there is no record that counts.
    pub(super) fn is_empty(&self) -> bool {
        self.tail.index == 0
    }

    /// The epoch that a durable commit writes.
    pub(super) fn next_epoch(&self) -> u64 {
        self.tail.epoch + 1
    }

    /// Begins again, once that commit is durable.
    pub(super) fn begin_again(&mut self) {
        self.tail = Tail::begin(self.next_epoch());
    }
}

/// The writes of a batch that the journal held.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where they are none.
pub(super) fn writes(batch: &[u8]) -> Result<Vec<Write<'_>>> {
    record::writes(batch)
}
