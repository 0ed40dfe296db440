//! The window of a query with a limit: its first objects in order, and a few more in reserve.

use super::event::Side;
use dronestore_core::Key;
use dronestore_core::query::{Query, SortKey};
use std::collections::BTreeMap;

/// An object with its place.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) place: SortKey,
    pub(crate) side: Side,
}

/// The first objects of a query, in order: those that it skips, those that it finds, and a reserve, so that not every
/// object that leaves has the query asked again.
#[derive(Debug)]
pub(crate) struct Window {
    entries: Vec<Entry>,
    /// Whether these are all that there are.
    is_whole: bool,
    query: Query,
    /// Where what is found begins and ends.
    from: usize,
    to: usize,
}

/// What came into view and what left it.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    pub(crate) came: Vec<Entry>,
    pub(crate) left: Vec<Entry>,
}

impl Window {
    /// The window of a query, if it has one.
    pub(crate) fn of(query: &Query) -> Option<Window> {
        if query.limit.is_none() && query.offset == 0 {
            return None;
        }
        let to = query.limit.map_or(usize::MAX, |limit| query.offset.saturating_add(limit));
        Some(Window { entries: Vec::new(), is_whole: false, query: query.clone(), from: query.offset, to })
    }

    /// How many entries it keeps at most.
    fn most(&self) -> usize {
        self.to.saturating_add(self.to / 2).saturating_add(16)
    }

    /// The query that fills it.
    pub(crate) fn filling(&self) -> Query {
        let limit = Some(self.most()).filter(|most| *most < usize::MAX);
        Query { limit, offset: 0, ..self.query.clone() }
    }

    pub(crate) fn fill(&mut self, entries: Vec<Entry>) {
        self.is_whole = entries.len() < self.most();
        self.entries = entries;
    }

    /// What the query finds.
    pub(crate) fn view(&self) -> &[Entry] {
        let to = self.to.min(self.entries.len());
        &self.entries[self.from.min(to)..to]
    }

    fn position(&self, place: &SortKey) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.place.compare(place, &self.query.order))
    }

    /// Takes in that an object has left one place and has another; what it gives is `None` where the query has to be asked
    /// again, and the window is as it was then.
    pub(crate) fn change(&mut self, old: Option<&SortKey>, new: Option<Entry>) -> Option<Moved> {
        let at = old.and_then(|place| self.position(place).ok());
        let left = self.entries.len() - usize::from(at.is_some());
        // Behind the last that is known there may be others.
        let behind = new.as_ref().is_some_and(|entry| self.is_behind(entry, at));
        let new = new.filter(|_| self.is_whole || !behind);
        if !self.is_whole && left + usize::from(new.is_some()) < self.to {
            return None;
        }
        let mut moved = Moved::default();
        if let Some(at) = at {
            let entry = self.entries.remove(at);
            if at < self.to {
                moved.came.extend(self.entries.get(self.to - 1).cloned());
            }
            if at < self.from {
                moved.left.extend(self.entries.get(self.from - 1).cloned());
            } else if at < self.to {
                moved.left.push(entry);
            }
        }
        if let Some(entry) = new {
            let at = self.position(&entry.place).unwrap_or_else(|at| at);
            if at < self.to {
                moved.left.extend(self.entries.get(self.to - 1).cloned());
            }
            if at < self.from {
                moved.came.extend(self.entries.get(self.from - 1).cloned());
            } else if at < self.to {
                moved.came.push(entry.clone());
            }
            self.entries.insert(at, entry);
            if self.entries.len() > self.most() {
                self.entries.pop();
                self.is_whole = false;
            }
        }
        Some(moved)
    }

    /// Whether an entry comes behind the last one, once that at `gone` is gone.
    fn is_behind(&self, entry: &Entry, gone: Option<usize>) -> bool {
        let mut rest = self.entries.iter().enumerate().rev().filter(|(at, _)| Some(*at) != gone);
        rest.next().is_none_or(|(_, last)| entry.place.compare(&last.place, &self.query.order).is_gt())
    }
}

/// What differs between what was found and what is found, by key.
pub(crate) fn differences(before: Vec<Entry>, now: &[Entry]) -> Moved {
    let mut known: BTreeMap<Key, Entry> = BTreeMap::new();
    for entry in before {
        known.insert(entry.side.version.key().clone(), entry);
    }
    let mut moved = Moved::default();
    for entry in now {
        match known.remove(entry.side.version.key()) {
            Some(old) if old.side == entry.side => {}
            old => {
                moved.left.extend(old);
                moved.came.push(entry.clone());
            }
        }
    }
    moved.left.extend(known.into_values());
    moved
}
