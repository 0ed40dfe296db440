//! Being told that something was committed, instead of asking again and again.
//!
//! Whoever waits has a signal of its own, and a commit raises the signals of all. Where nobody waits a commit pays one
//! look at a number.

use super::Repo;
use std::sync::atomic::{AtomicUsize, Ordering, fence};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Wakes one thread. Raised before anybody waits, it is not lost.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    raised: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    pub(crate) fn raise(&self) {
        *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Waits until it is raised, for so long at most, and takes it down.
    pub(crate) fn wait(&self, timeout: Duration) {
        let raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(raised, timeout, |raised| !*raised);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}

/// Who waits for commits of a repo.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    count: AtomicUsize,
    signals: Mutex<Vec<Arc<Signal>>>,
}

impl Listeners {
    /// Something was committed, and whoever asks can see it.
    pub(crate) fn raise(&self) {
        // Whoever is counted after this look sees the commit when it looks, which it does after it was counted.
        fence(Ordering::SeqCst);
        if self.count.load(Ordering::Relaxed) == 0 {
            return;
        }
        let signals = self.signals.lock().unwrap_or_else(PoisonError::into_inner);
        signals.iter().for_each(|signal| signal.raise());
    }
}

/// As long as this is kept, its signal is raised by every commit.
pub(crate) struct Listening {
    repo: Repo,
    signal: Arc<Signal>,
}

impl Listening {
    pub(crate) fn signal(&self) -> &Arc<Signal> {
        &self.signal
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let listeners = &self.repo.inner.listeners;
        let mut signals = listeners.signals.lock().unwrap_or_else(PoisonError::into_inner);
        signals.retain(|signal| !Arc::ptr_eq(signal, &self.signal));
        listeners.count.store(signals.len(), Ordering::Relaxed);
    }
}

impl Repo {
    /// Has every commit from now on raise a signal. What was committed before has to be looked at after this.
    pub(crate) fn listen(&self) -> Listening {
        let signal = Arc::new(Signal::default());
        let listeners = &self.inner.listeners;
        let mut signals = listeners.signals.lock().unwrap_or_else(PoisonError::into_inner);
        signals.push(signal.clone());
        listeners.count.store(signals.len(), Ordering::Relaxed);
        drop(signals);
        fence(Ordering::SeqCst);
        Listening { repo: self.clone(), signal }
    }

    /// Waits until the change log has grown beyond `seen` rows, for so long at most; gives how many it has then, as
    /// [`Repo::sequence`] does.
    ///
    /// A commit of this process wakes whoever waits at once, with any clone of the repo; one that another repo makes on
    /// the same store is noticed when this one writes next. What has changed is said by [`Repo::changes_from`].
    ///
    /// Cost: nothing while it waits; a commit that nobody waits for pays a nanosecond.
    ///
    /// ```
    /// use dronestore::{Drone, Repo};
    /// use std::time::Duration;
    ///
    /// # #[derive(Drone)] struct Note { #[merge(latest)] text: String }
    /// let repo = Repo::memory()?;
    /// let seen = repo.sequence();
    /// let writer = repo.clone();
    /// let thread = std::thread::spawn(move || writer.update::<Note>("a", |note| { note.text = "new".into(); Ok(()) }));
    /// assert!(repo.wait_for_change(seen, Duration::from_secs(10)) > seen);
    /// assert_eq!(repo.changes_from(seen)?.count(), 1);
    /// # thread.join().expect("no panic")?;
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    pub fn wait_for_change(&self, seen: u64, timeout: Duration) -> u64 {
        let begun = Instant::now();
        let listening = self.listen();
        loop {
            let (sequence, left) = (self.sequence(), timeout.saturating_sub(begun.elapsed()));
            if sequence > seen || left.is_zero() {
                return sequence;
            }
            listening.signal.wait(left);
        }
    }
}
