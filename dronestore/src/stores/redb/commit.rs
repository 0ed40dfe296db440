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
        let transaction = watch.guarded(|| {
            let transaction = self.begin_write()?;
            let mut table = self.table(&transaction)?;
            for batch in &batches {
                super::write(&mut table, &journal::writes(batch)?, watch)?;
            }
            drop(table);
            Ok(transaction)
        })?;
        self.written.store(true, Ordering::Relaxed);
        self.commit_durably(transaction)
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
            let journal = journaling.journal.as_mut();
            let appended = journal.map_or(Ok(false), |journal| journal.append(writes, self.file.whole()));
            if !appended.map_err(|error| self.failed(error))? {
                return self.commit_with(transaction, journaling.journal.as_mut());
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
            let mut table = transaction.open_table(EPOCH).map_err(|error| watch.error(error))?;
            table.insert((), journal.next_epoch()).map_err(|error| watch.error(error))?;
        }
        transaction.commit().map_err(|error| watch.error(error))?;
        if let Some(journal) = journal {
            journal.begin_again();
        }
        Ok(())
    }

    /// Brings what the journal alone holds into the tables.
    pub(super) fn settle(&self, database: &Database) -> Result<()> {
        let journaling = self.journaling();
        let is_needed =
            !journaling.failed && journaling.journal.as_ref().is_some_and(|journal| !journal.is_empty());
        drop(journaling);
        if is_needed { self.commit_durably(self.begin(database)?) } else { Ok(()) }
    }

    pub(super) fn journaling(&self) -> MutexGuard<'_, Journaling> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
