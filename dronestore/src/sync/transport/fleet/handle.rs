//! The handle of a replica that meets others in a thread of its own.

use super::{Gossip, GossipStatus};
use crate::repo::Signal;
use dronestore_core::{Error, ErrorKind, Result};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// A replica that meets others: the handle of [`Gossip::start`]. Dropping it ends the meetings.
pub struct GossipHandle {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    ending: AtomicBool,
    signal: Signal,
    status: Mutex<GossipStatus>,
}

impl GossipHandle {
    pub(super) fn new(mut gossip: Gossip) -> Result<GossipHandle> {
        let shared = Arc::new(Shared::default());
        let inside = shared.clone();
        let work = move || {
            while !inside.ending.load(Ordering::SeqCst) {
                gossip.meet();
                gossip.status().clone_into(&mut inside.status.lock().unwrap_or_else(PoisonError::into_inner));
                let wait = gossip.chance.around(gossip.every);
                if !inside.ending.load(Ordering::SeqCst) {
                    inside.signal.wait(wait);
                }
            }
        };
        let thread = thread::Builder::new().name("dronestore gossip".into()).spawn(work);
        let thread = thread.map_err(|error| {
            Error::new(ErrorKind::Store, "there is no thread for meetings").with_source(error)
        })?;
        Ok(GossipHandle { shared, thread: Some(thread) })
    }

    /// What has come of it so far.
    pub fn status(&self) -> GossipStatus {
        self.shared.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Meets somebody now, and does not wait for the next round.
    pub fn meet_now(&self) {
        self.shared.signal.raise();
    }

    /// Ends it. A meeting that goes on is finished first; where nobody answers, that takes up to 10 seconds.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.shared.ending.store(true, Ordering::SeqCst);
        self.shared.signal.raise();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for GossipHandle {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for GossipHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GossipHandle").field("status", &self.status()).finish()
    }
}
