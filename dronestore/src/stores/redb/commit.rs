//! Commits: by the journal, and now and then of all that it holds to the tables.

use super::bulk;
use super::journal::{self, Journal, Layout};
use super::open::OpenFile;
use super::recent::{self, Recent, Shown};
use crate::Result;
use crate::store::{Expectation, Write};
use ::redb::{
    Database, Durability, ReadableDatabase, StorageError, TableDefinition, TableError, WriteTransaction,
};
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

impl Journaling {
    /// The epoch after this one, where the journal holds something that is known to be made.
    fn next_epoch(&self) -> Option<u64> {
        let journal = self.journal.as_ref().filter(|journal| !self.failed && !journal.is_empty());
        journal.map(Journal::next_epoch)
    }
}

impl OpenFile {
    /// Reads what whoever had the file open made durable in the journal alone.
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
        if !batches.is_empty() {
            // A sync of the last one may have failed, and what follows it must not be there without it.
            journal.sync(self.file.whole()).map_err(|error| self.failed(error))?;
            // Closing brings them into the tables, so that the next one who opens the file has nothing to do.
            self.written.store(true, Ordering::Relaxed);
        }
        let mut shown = self.shown_now();
        for batch in &batches {
            shown.write(&journal::writes(batch)?);
        }
        self.journaling().journal = Some(journal);
        Ok(())
    }

    /// Makes the batch durable, if its expectations hold.
    ///
    /// # Errors
    /// As [`Store::apply`](crate::store::Store::apply).
    pub(super) fn apply(&self, expectations: &[Expectation<'_>], writes: &[Write<'_>]) -> Result<()> {
        let database = self.database();
        let database = database.get()?;
        let mut journaling = self.journaling();
        // Who had the turn before may have failed.
        if journaling.failed {
            return Err(self.watch.error(StorageError::PreviousIo));
        }
        {
            let (table, recent) = self.shown(database)?;
            expectations.iter().try_for_each(|expectation| {
                expectation.check(self.get(&table, &recent, expectation.key)?.as_deref())
            })?;
        }
        self.sync_name()?;
        self.written.store(true, Ordering::Relaxed);
        if self.append(&mut journaling, writes)? {
            self.shown_now().write(writes);
            return Ok(());
        }
        self.commit(database, &mut journaling, writes)
    }

    /// Makes the batch durable in the journal, if it is one for it.
    fn append(&self, journaling: &mut Journaling, writes: &[Write<'_>]) -> Result<bool> {
        let Journaling { journal: Some(journal), failed, is_due: false } = journaling else {
            return Ok(false);
        };
        let appended = self
            .watch
            .guarded(|| journal.append(writes, self.file.whole()).map_err(|error| self.failed(error)));
        *failed = appended.is_err();
        appended.map_err(|error| self.watch.unknown(error))
    }

    /// Commits these writes to the tables, with all that only the journal holds; durable when this returns.
    ///
    /// # Errors
    /// Whatever fails in the commit, a panic too, says nothing about what reached the disk; before it nothing did.
    fn commit(&self, database: &Database, journaling: &mut Journaling, writes: &[Write<'_>]) -> Result<()> {
        let watch = &self.watch;
        let recent = {
            let mut shown = self.shown_now();
            if shown.recent.is_empty() {
                // Pages that nobody looks at are used again. What is recent has to be seen over the tables as they were.
                shown.table = None;
            }
            shown.recent.clone()
        };
        let transaction = watch.guarded(|| {
            self.file.release().map_err(|error| self.failed(error))?;
            let transaction = self.gather(database, &recent)?;
            bulk::write(&mut self.table(&transaction)?, writes, watch)?;
            Ok(transaction)
        })?;
        let committed = watch.guarded(|| self.commit_with(transaction, journaling.journal.as_mut()));
        journaling.failed |= committed.is_err();
        committed.map_err(|error| watch.unknown(error))?;
        journaling.is_due = false;
        *self.shown_now() = Shown::default();
        Ok(())
    }

    /// Brings all into the tables, which are made where there are none.
    pub(super) fn commit_all(&self) -> Result<()> {
        self.commit(self.database().get()?, &mut self.journaling(), &[])
    }

    /// A transaction that writes what is recent.
    fn gather(&self, database: &Database, recent: &Recent) -> Result<WriteTransaction> {
        let transaction = database.begin_write().map_err(|error| self.watch.error(error))?;
        bulk::write(&mut self.table(&transaction)?, &recent::writes(recent), &self.watch)?;
        Ok(transaction)
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
        let mut journaling = self.journaling();
        match journaling.next_epoch() {
            Some(_) => self.commit(database, &mut journaling, &[]),
            None => Ok(()),
        }
    }

    /// The same before the file is closed, which ends with a durable commit of redb. Where it does not come to that the epoch
    /// is as it was, and so the journal counts.
    pub(super) fn settle_at_last(&self, database: &Database) -> Result<()> {
        let Some(epoch) = self.journaling().next_epoch() else { return Ok(()) };
        let watch = &self.watch;
        let recent = std::mem::take(&mut *self.shown_now()).recent;
        self.file.release().map_err(|error| self.failed(error))?;
        let mut transaction = self.gather(database, &recent)?;
        transaction.set_durability(Durability::None).map_err(|error| watch.error(error))?;
        self.raise(&transaction, epoch)?;
        transaction.commit().map_err(|error| watch.error(error))
    }

    fn raise(&self, transaction: &WriteTransaction, epoch: u64) -> Result<()> {
        let mut table = transaction.open_table(EPOCH).map_err(|error| self.watch.error(error))?;
        table.insert((), epoch).map(drop).map_err(|error| self.watch.error(error))
    }

    pub(super) fn journaling(&self) -> MutexGuard<'_, Journaling> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
