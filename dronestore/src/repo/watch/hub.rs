//! The hub: all who watch a repo.

use super::dispatch::{KindWatch, Place};
use super::event::{Batch, KindNews, News};
use super::queue::{Delivery, Picks, Watcher};
use crate::repo::query::Plan;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// All who watch a repo. A write that nobody watches pays two looks at a number.
#[derive(Default)]
pub(crate) struct Watchers {
    count: AtomicUsize,
    /// How many ever were.
    generation: AtomicU64,
    hub: Mutex<Hub>,
}

#[derive(Default)]
pub(crate) struct Hub {
    by_id: BTreeMap<u64, Arc<Watcher>>,
    pub(crate) kinds: HashMap<String, KindWatch>,
    /// The row of the log before which they were told everything; `None` where that is not known yet.
    next_row: Option<u64>,
}

impl Watchers {
    fn lock(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who watches, for a batch that is about to be made; `None` where nobody does.
    pub(crate) fn watched(&self) -> Option<MutexGuard<'_, Hub>> {
        (self.count.load(Ordering::Relaxed) > 0).then(|| self.lock())
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    pub(crate) fn add(&self, kind: &str, place: &Place, is_typed: bool, plan: Plan) -> Arc<Watcher> {
        let mut hub = self.lock();
        let id = self.generation.load(Ordering::SeqCst);
        let watcher = Arc::new(Watcher::new(id));
        hub.by_id.insert(watcher.id, watcher.clone());
        let watch = hub.kinds.entry(kind.to_owned()).or_default();
        watch.capacity = watch.capacity.max(super::queue::CAPACITY);
        watch.add(&watcher, place, is_typed, plan);
        // In this order: a write that takes this watcher for an earlier one does look for whom it concerns.
        self.count.store(hub.by_id.len(), Ordering::SeqCst);
        self.generation.store(id + 1, Ordering::SeqCst);
        drop(hub);
        // What is committed after this is told; what was committed before is seen by whoever looks now.
        fence(Ordering::SeqCst);
        watcher
    }

    pub(crate) fn remove(&self, kind: &str, watcher: &Watcher, place: &Place, is_typed: bool) {
        let mut hub = self.lock();
        hub.by_id.remove(&watcher.id);
        if let Some(watch) = hub.kinds.get_mut(kind) {
            watch.remove(watcher.id, place, is_typed);
            if watch.is_empty() {
                hub.kinds.remove(kind);
            }
        }
        if hub.by_id.is_empty() {
            hub.next_row = None;
        }
        self.count.store(hub.by_id.len(), Ordering::Relaxed);
    }

    /// Has up to so many events kept for a kind.
    pub(crate) fn keep(&self, kind: &str, capacity: usize) {
        if let Some(watch) = self.lock().kinds.get_mut(kind) {
            watch.capacity = watch.capacity.max(capacity);
        }
    }

    /// Somebody has seen all before this row.
    pub(crate) fn reached(&self, row: u64) {
        self.lock().next_row.get_or_insert(row);
    }

    /// A batch is durable, or nothing was written and the log is known to go on at this row.
    pub(crate) fn publish(&self, news: News, next_row: u64) {
        // As in `Listeners`: whoever is counted after this look sees the batch when it looks.
        fence(Ordering::SeqCst);
        if self.count.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut wakers = Vec::new();
        let mut hub = self.lock();
        // Somebody else has written to the store, or a batch whose outcome was unknown was made.
        if hub.next_row.is_some_and(|expected| expected != news.first_row) {
            wakers.extend(hub.by_id.values().filter_map(|watcher| watcher.lose(news.first_row)));
        }
        hub.next_row = Some(next_row);
        if next_row > news.first_row && self.generation() > news.generation {
            let late = hub.by_id.range(news.generation..);
            wakers.extend(late.filter_map(|(_, watcher)| watcher.lose(next_row)));
        }
        for kind in news.kinds {
            if let Some(watch) = hub.kinds.get(&kind.kind) {
                watch.publish(kind, news.first_row, next_row, &mut wakers);
            }
        }
        drop(hub);
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl KindWatch {
    fn publish(&self, news: KindNews, first_row: u64, next_row: u64, wakers: &mut Vec<Waker>) {
        let lose = |watcher: &Arc<Watcher>| watcher.lose(next_row);
        if news.schema {
            wakers.extend(self.untyped.values().filter_map(lose));
        }
        let Some(events) = news.events else {
            self.everybody(|watcher| wakers.extend(lose(watcher)));
            return;
        };
        let batch = Arc::new(Batch { events, first_row, next_row });
        let all = || Delivery { batch: batch.clone(), picks: Picks::All };
        wakers.extend(self.all.values().filter_map(|watcher| watcher.deliver(all())));
        let mut some: BTreeMap<u64, (Arc<Watcher>, Vec<usize>)> = BTreeMap::new();
        for (index, event) in batch.events.iter().enumerate() {
            self.each(event, |watcher| {
                let (_, picks) = some.entry(watcher.id).or_insert_with(|| (watcher.clone(), Vec::new()));
                if picks.last() != Some(&index) {
                    picks.push(index);
                }
            });
        }
        for (watcher, picks) in some.into_values() {
            let delivery = Delivery { batch: batch.clone(), picks: Picks::Some(picks) };
            wakers.extend(watcher.deliver(delivery));
        }
    }
}
