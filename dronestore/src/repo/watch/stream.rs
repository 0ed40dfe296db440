//! Watching as a stream, for programs that are async.

use super::reader::Watch;
use super::update::Update;
use dronestore_core::Result;
use futures_core::Stream;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A [`Watch`] as a [`Stream`], on any executor.
///
/// Polling it asks the query where that is needed: for the first result, for one who fell behind, and for a limit of which
/// too many have left. That blocks for as long as a query takes; with the feature `tokio` an `AsyncRepo` does it
/// elsewhere.
pub struct WatchStream<O>(Watch<O>);

impl<O> Watch<O> {
    /// The same as a stream (feature `futures`).
    pub fn into_stream(self) -> WatchStream<O> {
        WatchStream(self)
    }

    /// Has the task woken when something comes; says whether something is to be read already.
    pub(crate) fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // In this order: what comes in between wakes.
        let is_there = self.watcher.wake(context.waker());
        if is_there || self.is_ready() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl<O> WatchStream<O> {
    /// What it reads from.
    pub fn get_ref(&self) -> &Watch<O> {
        &self.0
    }
}

// Nothing in it is pinned.
impl<O> Unpin for WatchStream<O> {}

impl<O> Stream for WatchStream<O> {
    type Item = Result<Update<O>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let watch = &mut self.0;
        loop {
            let ready = watch.poll_ready(context);
            match watch.try_next().transpose() {
                Some(update) => return Poll::Ready(Some(update)),
                None if watch.has_ended() => return Poll::Ready(None),
                None if ready.is_pending() => return Poll::Pending,
                // What was there did not concern it.
                None => {}
            }
        }
    }
}

impl<O> fmt::Debug for WatchStream<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
