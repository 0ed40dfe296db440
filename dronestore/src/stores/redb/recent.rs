//! What readers see: the tables as of their last commit, and over them what only the journal holds.

use super::open::OpenFile;
use super::{Slice, TABLE};
use crate::Result;
use crate::store::{Bytes, Write};
use ::redb::{Database, ReadOnlyTable, ReadableDatabase};
use imbl::OrdMap;
use std::sync::{Arc, MutexGuard, PoisonError};

/// The pairs of the tables, as of one commit.
pub(super) type TablePairs = ReadOnlyTable<Slice, Slice>;

/// What was written since the last commit of the tables, newest values alone; `None` where it was removed.
pub(super) type Recent = OrdMap<Bytes, Option<Bytes>>;

/// Both; together they are one state.
#[derive(Default)]
pub(super) struct Shown {
    /// Looked at when somebody asks for it first.
    pub(super) table: Option<Arc<TablePairs>>,
    pub(super) recent: Recent,
}

impl Shown {
    pub(super) fn write(&mut self, writes: &[Write<'_>]) {
        for write in writes {
            self.recent.insert(write.key.into(), write.value.map(Bytes::from));
        }
    }
}

/// As a batch in the order of keys.
pub(super) fn writes(recent: &Recent) -> Vec<Write<'_>> {
    recent.iter().map(|(key, value)| Write { key, value: value.as_deref() }).collect()
}

impl OpenFile {
    pub(super) fn shown_now(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be seen now. Cost: some counters, once the tables were looked at after a commit.
    pub(super) fn shown(&self, database: &Database) -> Result<(Arc<TablePairs>, Recent)> {
        let shown = &mut *self.shown_now();
        let table = match &shown.table {
            Some(table) => table.clone(),
            None => shown.table.insert(Arc::new(self.look(database)?)).clone(),
        };
        Ok((table, shown.recent.clone()))
    }

    fn look(&self, database: &Database) -> Result<TablePairs> {
        let watch = &self.watch;
        watch.guarded(|| {
            let transaction = database.begin_read().map_err(|error| watch.error(error))?;
            transaction.open_table(TABLE).map_err(|error| watch.error(error))
        })
    }

    /// The value of a key.
    pub(super) fn get(&self, table: &TablePairs, recent: &Recent, key: &[u8]) -> Result<Option<Bytes>> {
        if let Some(value) = recent.get(key) {
            return Ok(value.clone());
        }
        self.watch.guarded(|| match table.get(key) {
            Ok(found) => Ok(found.map(|guard| Bytes::from(guard.value()))),
            Err(error) => Err(self.watch.error(error)),
        })
    }
}
