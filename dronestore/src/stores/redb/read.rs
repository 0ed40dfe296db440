//! Reading: snapshots and cursors over one redb read transaction.

use super::TABLE;
use super::open::OpenFile;
use crate::Result;
use crate::store::{Bytes, Cursor, Direction, Range, Snapshot};
use ::redb::{AccessGuard, ReadOnlyTable, ReadableDatabase};
use std::sync::Arc;

type Slice = &'static [u8];

// Fields are dropped in order: the transaction ends before the file may close.
pub(super) struct RedbSnapshot {
    table: ReadOnlyTable<Slice, Slice>,
    open: Arc<OpenFile>,
}

impl RedbSnapshot {
    pub(super) fn take(open: Arc<OpenFile>) -> Result<Self> {
        let watch = &open.watch;
        let table = watch.guarded(|| {
            let transaction = open.database().get()?.begin_read().map_err(|error| watch.error(error))?;
            transaction.open_table(TABLE).map_err(|error| watch.error(error))
        })?;
        Ok(RedbSnapshot { table, open })
    }
}

impl Snapshot for RedbSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        self.open.watch.guarded(|| match self.table.get(key) {
            Ok(found) => Ok(found.map(|guard| Bytes::from(guard.value()))),
            Err(error) => Err(self.open.watch.error(error)),
        })
    }

    fn scan(&self, range: Range<'_>, direction: Direction) -> Result<Box<dyn Cursor>> {
        let open = self.open.clone();
        let watch = &self.open.watch;
        let pairs = if range.is_empty() {
            None
        } else {
            let bounds = (range.start, range.end);
            Some(watch.guarded(|| self.table.range::<&[u8]>(bounds).map_err(|error| watch.error(error)))?)
        };
        Ok(Box::new(RedbCursor { current: None, pairs, direction, open }))
    }
}

struct RedbCursor {
    /// Where it stands: the pages that it lends are held here.
    current: Option<(AccessGuard<'static, Slice>, AccessGuard<'static, Slice>)>,
    /// What is left; nothing after the end or a failure.
    pairs: Option<::redb::Range<'static, Slice, Slice>>,
    direction: Direction,
    open: Arc<OpenFile>,
}

impl Cursor for RedbCursor {
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        let RedbCursor { current, pairs: rest, direction, open } = self;
        let Some(pairs) = rest else { return Ok(None) };
        let watch = &open.watch;
        let pair = watch.guarded(|| {
            let step = match direction {
                Direction::Forward => pairs.next(),
                Direction::Backward => pairs.next_back(),
            };
            *current = match step {
                Some(Ok(pair)) => Some(pair),
                Some(Err(error)) => return Err(watch.error(error)),
                None => None,
            };
            Ok(current.as_ref().map(|(key, value)| (key.value(), value.value())))
        });
        if !matches!(pair, Ok(Some(_))) {
            // A walk that failed is not walked on.
            *rest = None;
        }
        pair
    }
}
