//! Commits: by the journal or by redb, and after a kill once more.

use super::journal::{self, Journal, Layout};
use super::open::OpenFile;
use crate::Result;
use crate::store::Write;
use ::redb::{Database, Durability, ReadableDatabase, TableDefinition, TableError, WriteTransaction};
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

/// Which epoch of the journal counts: what it said before stands in the tables.
const EPOCH: TableDefinition<'_, (), u64> = TableDefinition::new("journal");

/// How batches become durable.
#[derive(Default)]
pub(super) struct Journaling {
    /// `None` in files of versions that had none.
    journal: Option<Journal>,
    /// Whether it is not known of a batch if it was made: nothing may be written behind it.
    pub(super) failed: bool,
    /// Whether the next commit is to be redb's, as after the last one of the tables a kill costs reading the whole file.
    pub(super) is_due: bool,
}

impl OpenFile {
    /// Makes the batches again that whoever had the file open made durable in the journal alone.
    pub(super) fn recover(&self, layout: Layout) -> Result<()> {
        let watch = &self.watch;
        let epoch = watch.guarded(|| {
            let transaction = self.database().get()?.begin_read().map_err(|error| watch.error(error))?;
            match transaction.open_table(EPOCH) {
                Ok(table) => {
                    let epoch = table.get(()).map_err(|error| watch.error(error))?;
                    Ok(epoch.map_or(0, |epoch| epoch.value()))
                }
                Err(TableError::TableDoesNotExist(_)) => Ok(0),
                Err(error) => Err(watch.error(error)),
            }
        })?;
        let opened = Journal::open(layout, epoch, self.file.whole());
        let (journal, batches) = opened.map_err(|error| self.failed(error))?;
        self.journaling().journal = Some(journal);
        if batches.is_empty() {
            return Ok(());
        }
        // A sync of the last one may have failed, and what follows it must not be there without it.
        let synced =
            self.journaling().journal.as_ref().map_or(Ok(()), |journal| journal.sync(self.file.whole()));
        synced.map_err(|error| self.failed(error))?;
        // The journal keeps them: a file on a full disk can be opened and read.
        let made = watch.guarded(|| {
            let mut transaction = self.begin_write()?;
            let mut table = self.table(&transaction)?;
            for batch in &batches {
                super::write(&mut table, &journal::writes(batch)?, watch)?;
            }
            drop(table);
            transaction.set_durability(Durability::None).map_err(|error| watch.error(error))?;
            transaction.commit().map_err(|error| watch.error(error))
        });
        self.journaling().failed = made.is_err();
        self.written.store(made.is_ok(), Ordering::Relaxed);
        made
    }

    /// Commits these writes, which are all of the transaction's; durable when this returns.
    ///
    /// # Errors
    /// Whatever fails, a panic too, says nothing about what reached the disk.
    pub(super) fn commit(&self, mut transaction: WriteTransaction, writes: &[Write<'_>]) -> Result<()> {
        let watch = &self.watch;
        let mut journaling = self.journaling();
        let journaling = &mut *journaling;
        let committed = watch.guarded(|| {
            let journal = journaling.journal.as_mut().filter(|_| !journaling.is_due);
            let appended = journal.map_or(Ok(false), |journal| journal.append(writes, self.file.whole()));
            if !appended.map_err(|error| self.failed(error))? {
                self.commit_with(transaction, journaling.journal.as_mut())?;
                journaling.is_due = false;
                return Ok(());
            }
            transaction.set_durability(Durability::None).map_err(|error| watch.error(error))?;
            transaction.commit().map_err(|error| watch.error(error))
        });
        journaling.failed |= committed.is_err();
        committed.map_err(|error| watch.unknown(error))
    }

    /// Commits to the tables, with all that the journal holds.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub(super) fn commit_durably(&self, transaction: WriteTransaction) -> Result<()> {
        let mut journaling = self.journaling();
        let journaling = &mut *journaling;
        let committed = self.watch.guarded(|| self.commit_with(transaction, journaling.journal.as_mut()));
        journaling.failed |= committed.is_err();
        committed.map_err(|error| self.watch.unknown(error))
    }

    fn commit_with(&self, mut transaction: WriteTransaction, journal: Option<&mut Journal>) -> Result<()> {
        let watch = &self.watch;
        // Redb has no such option for the whole file. Without it the first open after a kill reads everything.
        transaction.set_quick_repair(true);
        if let Some(journal) = &journal {
            self.raise(&transaction, journal.next_epoch())?;
        }
        transaction.commit().map_err(|error| watch.error(error))?;
        if let Some(journal) = journal {
            journal.begin_again();
        }
        Ok(())
    }

    /// Brings what the journal alone holds into the tables.
    pub(super) fn settle(&self, database: &Database) -> Result<()> {
        match self.next_epoch() {
            Some(_) => self.commit_durably(self.begin(database)?),
            None => Ok(()),
        }
    }

    /// The same before the file is closed, which ends with a durable commit of redb. Where it does not come to that the epoch
    /// is as it was, and so the journal counts.
    pub(super) fn settle_at_last(&self, database: &Database) -> Result<()> {
        let Some(epoch) = self.next_epoch() else { return Ok(()) };
        let watch = &self.watch;
        let mut transaction = self.begin(database)?;
        transaction.set_durability(Durability::None).map_err(|error| watch.error(error))?;
        self.raise(&transaction, epoch)?;
        transaction.commit().map_err(|error| watch.error(error))
    }

    /// The epoch after this one, where the journal holds something that is known to be made.
    fn next_epoch(&self) -> Option<u64> {
        let journaling = self.journaling();
        let journal = journaling.journal.as_ref().filter(|journal| !journaling.failed && !journal.is_empty());
        journal.map(Journal::next_epoch)
    }

    fn raise(&self, transaction: &WriteTransaction, epoch: u64) -> Result<()> {
        let mut table = transaction.open_table(EPOCH).map_err(|error| self.watch.error(error))?;
        table.insert((), epoch).map(drop).map_err(|error| self.watch.error(error))
    }

    pub(super) fn journaling(&self) -> MutexGuard<'_, Journaling> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
