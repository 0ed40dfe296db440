//! Given: whether what a repo wrote may be known elsewhere, as far as the repo and its handles see.

use std::sync::atomic::{AtomicU64, Ordering};

/// Shared by a repo and the handles that it gave out: a version leaves by either.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// The number that the log's next row has.
    next: AtomicU64,
    /// The number that it had when versions were last given away.
    given: AtomicU64,
}

impl Given {
    /// Notes the number of the log's next row, after an own write.
    pub(crate) fn wrote(&self, next: u64) {
        self.next.store(next, Ordering::Relaxed);
    }

    /// All that was written by now may be known elsewhere from here on.
    pub(crate) fn give(&self) {
        self.given.fetch_max(self.next.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// As [`Given::give`], for all before this row.
    pub(crate) fn give_before(&self, next: u64) {
        self.given.fetch_max(next, Ordering::Relaxed);
    }

    /// The number that the log's next row had when versions were last given away.
    pub(crate) fn last(&self) -> u64 {
        self.given.load(Ordering::Relaxed)
    }

    /// Whether nothing was given away since before this row was written.
    pub(crate) fn is_before(&self, row: u64) -> bool {
        self.given.load(Ordering::Relaxed) <= row
    }
}
