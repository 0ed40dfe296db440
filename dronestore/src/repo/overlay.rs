//! Overlay: a snapshot with what a transaction has staged on it, so that whole queries see its writes.

use super::Repo;
use super::query::Find;
use super::shapes::write_head;
use super::transaction::Transaction;
use super::view::View;
use super::{decisions_kind, rows};
use crate::drone::Drone;
use dronestore_core::store::{Bytes, Cursor, Direction, Range, Snapshot};
use dronestore_core::{Error, Key, Result};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A snapshot that several hold.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Box<dyn Snapshot>>>);

impl Shared {
    /// Has a snapshot held by several; a second time it is the same.
    fn of(snapshot: &mut Box<dyn Snapshot>, shared: &mut Option<Shared>) -> Shared {
        if let Some(shared) = shared {
            return shared.clone();
        }
        let own = std::mem::replace(snapshot, Box::new(Nothing));
        let new = Shared(Arc::new(Mutex::new(own)));
        *snapshot = Box::new(new.clone());
        shared.insert(new).clone()
    }
}

impl Snapshot for Shared {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key)
    }

    fn scan(&self, range: Range<'_>, direction: Direction) -> Result<Box<dyn Cursor>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).scan(range, direction)
    }
}

/// What stands for a snapshot while it is put elsewhere.
pub(crate) struct Nothing;

impl Snapshot for Nothing {
    fn get(&self, _: &[u8]) -> Result<Option<Bytes>> {
        Ok(None)
    }

    fn scan(&self, _: Range<'_>, _: Direction) -> Result<Box<dyn Cursor>> {
        Err(Error::corrupt("a snapshot was read while it was put elsewhere"))
    }
}

/// A snapshot with other values for some keys; none is taken away.
struct Overlay {
    below: Shared,
    above: BTreeMap<Vec<u8>, Bytes>,
}

impl Snapshot for Overlay {
    fn get(&self, key: &[u8]) -> Result<Option<Bytes>> {
        match self.above.get(key) {
            Some(value) => Ok(Some(value.clone())),
            None => self.below.get(key),
        }
    }

    fn scan(&self, range: Range<'_>, direction: Direction) -> Result<Box<dyn Cursor>> {
        let pairs = self.above.iter().filter(|(key, _)| range.contains(key));
        let mut above: Vec<(Vec<u8>, Bytes)> =
            pairs.map(|(key, value)| (key.clone(), value.clone())).collect();
        // The next one is taken from the end.
        if direction == Direction::Forward {
            above.reverse();
        }
        let below = self.below.scan(range, direction)?;
        Ok(Box::new(Walk { below, above, ahead: None, current: Default::default(), direction }))
    }
}

/// A walk over both.
struct Walk {
    below: Box<dyn Cursor>,
    above: Vec<(Vec<u8>, Bytes)>,
    /// What was read of the one below and not handed out yet.
    ahead: Option<(Vec<u8>, Bytes)>,
    current: (Vec<u8>, Option<Bytes>),
    direction: Direction,
}

impl Cursor for Walk {
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        if self.ahead.is_none() {
            self.ahead = self.below.next()?.map(|(key, value)| (key.to_vec(), value.into()));
        }
        let order = match (&self.ahead, self.above.last()) {
            (None, None) => return Ok(None),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((below, _)), Some((above, _))) if self.direction == Direction::Forward => below.cmp(above),
            (Some((below, _)), Some((above, _))) => above.cmp(below),
        };
        let below = if order.is_le() { self.ahead.take() } else { None };
        // Of two the one above is read.
        let above = if order.is_ge() { self.above.pop() } else { None };
        let Some((key, value)) = above.or(below) else { return Ok(None) };
        self.current = (key, Some(value));
        Ok(Some((&self.current.0, self.current.1.as_deref().unwrap_or_default())))
    }
}

impl Transaction<'_> {
    /// What stands there with what is staged of a kind, for as long as it is wanted.
    pub(crate) fn staged_view(&mut self, kind: &str) -> Result<View> {
        let mut above = BTreeMap::new();
        for kind in [kind, decisions_kind()] {
            let range = rows::heads_of_kind(kind);
            for staged in self.staged.iter().filter(|staged| is_within(staged.row(), &range)) {
                let (_, key) = rows::split_head(staged.row()).unwrap_or_default();
                let version = self.read_head(&Key::from_encoded(key)?, staged.value().into())?;
                // With the shape written out: its number is nobody's before the batch is durable.
                let mut value = Vec::new();
                write_head(&version, 0, &mut value);
                above.insert(staged.row().to_vec(), value.into());
            }
        }
        let below = Shared::of(&mut self.snapshot, &mut self.shared);
        Ok(View::over(self.repo.inner.clone(), Box::new(Overlay { below, above })))
    }
}

fn is_within(row: &[u8], range: &std::ops::Range<Vec<u8>>) -> bool {
    range.start.as_slice() <= row && row < range.end.as_slice()
}

impl View {
    /// The objects of a model that are wanted, as of the view's moment: several queries agree with one another.
    ///
    /// ```
    /// # use dronestore::{Drone, Repo};
    /// # #[derive(Drone)] struct Person { #[merge(max)] age: u32 }
    /// let repo = Repo::memory()?;
    /// let mut view = repo.view()?;
    /// repo.put("a", Person { age: 20 })?;
    /// assert_eq!(view.query::<Person>().count()?, 0);
    /// assert_eq!(repo.query::<Person>().count()?, 1);
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// Cost: nothing yet; as for [`Repo::query`].
    pub fn query<T: Drone>(&mut self) -> Find<T> {
        let snapshot = Box::new(Shared::of(&mut self.snapshot, &mut self.shared));
        let repo = Repo { inner: self.inner.clone() };
        repo.query().within(View::of(self.inner.clone(), snapshot, self.is_indexed))
    }
}
