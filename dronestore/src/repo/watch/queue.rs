//! The queue of one watcher: bounded, and emptied where it would overflow.

use super::event::{Batch, Event};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Instant;

/// How many events a queue holds unless said otherwise.
pub(crate) const CAPACITY: usize = 1024;

/// Who watches.
#[derive(Debug)]
pub(crate) struct Watcher {
    pub(crate) id: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    deliveries: VecDeque<Delivery>,
    /// How many events they are together.
    events: usize,
    capacity: usize,
    /// Whether the first result was asked for.
    listens: bool,
    /// What came before this row of the log may have been missed.
    lost: u64,
    is_stopped: bool,
    waker: Option<Waker>,
}

/// The events of one batch that may concern a watcher.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) batch: Arc<Batch>,
    pub(crate) picks: Picks,
}

/// Which of them.
#[derive(Debug)]
pub(crate) enum Picks {
    All,
    Some(Vec<usize>),
}

/// What is to be done next.
pub(crate) enum Taken {
    Delivery(Delivery),
    /// What came before this row was missed.
    Lost(u64),
    Nothing,
    Stopped,
}

/// How long to wait for something.
#[derive(Clone, Copy)]
pub(crate) enum Wait {
    Never,
    Until(Instant),
    Forever,
}

impl Delivery {
    fn len(&self) -> usize {
        match &self.picks {
            Picks::All => self.batch.events.len(),
            Picks::Some(picks) => picks.len(),
        }
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        let (all, some) = match &self.picks {
            Picks::All => (&self.batch.events[..], &[][..]),
            Picks::Some(picks) => (&[][..], &picks[..]),
        };
        all.iter().chain(some.iter().filter_map(|index| self.batch.events.get(*index)))
    }
}

impl State {
    fn forget(&mut self) {
        self.deliveries.clear();
        self.events = 0;
    }

    fn is_idle(&self) -> bool {
        self.deliveries.is_empty() && self.lost == 0 && !self.is_stopped
    }
}

impl Watcher {
    pub(crate) fn new(id: u64) -> Watcher {
        let state = State { capacity: CAPACITY, ..State::default() };
        Watcher { id, state: Mutex::new(state), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_capacity(&self, capacity: usize) {
        self.lock().capacity = capacity;
    }

    /// From now on what comes is kept; what is there is forgotten.
    pub(crate) fn listen(&self) {
        let mut state = self.lock();
        state.forget();
        (state.listens, state.lost) = (true, 0);
    }

    /// Puts in a delivery, or notes that it was too much; gives who is to be woken.
    pub(crate) fn deliver(&self, delivery: Delivery) -> Option<Waker> {
        let mut state = self.lock();
        // Who is lost already will begin anew.
        if !state.listens || state.lost > 0 {
            return None;
        }
        state.events += delivery.len();
        if state.events > state.capacity {
            state.forget();
            state.lost = delivery.batch.next_row;
        } else {
            state.deliveries.push_back(delivery);
        }
        self.changed.notify_all();
        state.waker.take()
    }

    /// Notes that what came before this row may have been missed.
    pub(crate) fn lose(&self, row: u64) -> Option<Waker> {
        let mut state = self.lock();
        if !state.listens {
            return None;
        }
        state.forget();
        state.lost = state.lost.max(row);
        self.changed.notify_all();
        state.waker.take()
    }

    /// Ends every waiting, now and later.
    pub(crate) fn stop(&self) -> Option<Waker> {
        let mut state = self.lock();
        state.forget();
        state.is_stopped = true;
        self.changed.notify_all();
        state.waker.take()
    }

    pub(crate) fn take(&self, wait: Wait) -> Taken {
        let mut state = self.lock();
        while state.is_idle() {
            state = match wait {
                Wait::Never => break,
                Wait::Forever => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Wait::Until(end) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        if state.is_stopped {
            return Taken::Stopped;
        }
        if state.lost > 0 {
            return Taken::Lost(std::mem::take(&mut state.lost));
        }
        match state.deliveries.pop_front() {
            Some(delivery) => {
                state.events -= delivery.len();
                Taken::Delivery(delivery)
            }
            None => Taken::Nothing,
        }
    }

    /// Has this woken when something comes; says whether something is there already.
    #[cfg(feature = "futures")]
    pub(crate) fn wake(&self, waker: &Waker) -> bool {
        let mut state = self.lock();
        if !state.is_idle() {
            return true;
        }
        match &mut state.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        false
    }
}
