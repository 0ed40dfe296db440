//! Reading: snapshots and cursors over the tables, and over them what only the journal holds.

use super::Slice;
use super::fault::Watch;
use super::open::OpenFile;
use super::recent::{Recent, TablePairs};
use crate::Result;
use crate::store::{Bytes, Cursor, Direction, Each, Range, Snapshot};
use crate::stores::map::MapCursor;
use ::redb::{AccessGuard, StorageError};
use std::cell::Cell;
use std::cmp::Ordering;
use std::sync::Arc;

type Pair = (AccessGuard<'static, Slice>, AccessGuard<'static, Slice>);

// Fields are dropped in order: the transaction ends before the file may close.
pub(super) struct RedbSnapshot {
    table: Arc<TablePairs>,
    recent: Recent,
    open: Arc<OpenFile>,
}

impl RedbSnapshot {
    pub(super) fn take(open: Arc<OpenFile>) -> Result<Self> {
        let (table, recent) = open.shown(open.database().get()?)?;
        Ok(RedbSnapshot { table, recent, open })
    }
}

impl Snapshot for RedbSnapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        self.open.get(&self.table, &self.recent, key)
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
        let table = TableCursor { current: None, pairs, direction, open };
        let mut recent = MapCursor::new(&self.recent, range, direction);
        if recent.peek().is_none() {
            return Ok(Box::new(table));
        }
        Ok(Box::new(BothCursor { table, is_ahead: false, recent, current: None, direction }))
    }
}

struct TableCursor {
    /// Where it stands: the pages that it lends are held here.
    current: Option<Pair>,
    /// What is left; nothing after the end or a failure.
    pairs: Option<::redb::Range<'static, Slice, Slice>>,
    direction: Direction,
    open: Arc<OpenFile>,
}

impl TableCursor {
    fn current(&self) -> Option<(&[u8], &[u8])> {
        self.current.as_ref().map(|(key, value)| (key.value(), value.value()))
    }
}

impl Cursor for TableCursor {
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        let TableCursor { current, pairs: rest, direction, open } = self;
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

    fn walk(&mut self, each: &mut Each<'_>) -> Result<bool> {
        let TableCursor { current, pairs: rest, direction, open } = self;
        let Some(pairs) = rest else { return Ok(false) };
        *current = None;
        let is_theirs = Cell::new(false);
        let walked = match direction {
            Direction::Forward => walk(pairs, &open.watch, each, &is_theirs),
            Direction::Backward => walk(pairs.rev(), &open.watch, each, &is_theirs),
        };
        if matches!(walked, Ok(false)) || walked.is_err() && !is_theirs.get() {
            *rest = None;
        }
        walked
    }
}

/// As [`Cursor::walk`]. What panics in the callback is no damage of the file, and goes on; `is_theirs` tells of a failure whether it
/// was the callback's.
fn walk(
    pairs: impl Iterator<Item = Result<Pair, StorageError>>,
    watch: &Watch,
    each: &mut Each<'_>,
    is_theirs: &Cell<bool>,
) -> Result<bool> {
    watch.guarded_unless(is_theirs, || {
        for pair in pairs {
            let (key, value) = pair.map_err(|error| watch.error(error))?;
            is_theirs.set(true);
            let flow = each(key.value(), value.value())?;
            is_theirs.set(false);
            if flow.is_break() {
                return Ok(true);
            }
        }
        Ok(false)
    })
}

/// A walk over both; of two pairs with one key the recent one counts.
struct BothCursor {
    table: TableCursor,
    /// Whether the table's pair was not shown yet.
    is_ahead: bool,
    recent: MapCursor<Option<Bytes>>,
    /// A recent pair, while it is lent.
    current: Option<(Bytes, Bytes)>,
    direction: Direction,
}

impl Cursor for BothCursor {
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        loop {
            if !self.is_ahead {
                match self.table.next() {
                    Ok(pair) => self.is_ahead = pair.is_some(),
                    Err(error) => {
                        self.recent.end();
                        return Err(error);
                    }
                }
            }
            let order = match (self.table.current().filter(|_| self.is_ahead), self.recent.peek()) {
                (None, None) => return Ok(None),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((table, _)), Some((recent, _))) => match self.direction {
                    Direction::Forward => table.cmp(recent),
                    Direction::Backward => (**recent).cmp(table),
                },
            };
            if order.is_le() {
                self.is_ahead = false;
            }
            if order.is_lt() {
                return Ok(self.table.current());
            }
            if let Some((key, Some(value))) = self.recent.next() {
                let (key, value) = self.current.insert((key, value));
                return Ok(Some((key, value)));
            }
        }
    }

    fn walk(&mut self, each: &mut Each<'_>) -> Result<bool> {
        while self.is_ahead || self.recent.peek().is_some() {
            match self.next()? {
                Some((key, value)) if each(key, value)?.is_break() => return Ok(true),
                Some(_) => {}
                None => return Ok(false),
            }
        }
        self.table.walk(each)
    }
}
