//! What a compaction came to.

use serde::Serialize;
use std::fmt;

/// How large a store was before it was compacted and is since, in bytes; both nothing where there is nothing to give back.
///
/// ```
/// use dronestore_core::store::Compacted;
///
/// let compacted = Compacted { before: 126_976, after: 36_864 };
/// assert_eq!(compacted.freed(), 90_112);
/// assert_eq!(compacted.to_string(), "126976 bytes before, 36864 bytes after");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Compacted {
    /// Before.
    pub before: u64,
    /// Since.
    pub after: u64,
}

impl Compacted {
    /// How many bytes were given back.
    pub fn freed(&self) -> u64 {
        self.before.saturating_sub(self.after)
    }
}

impl fmt::Display for Compacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes before, {} bytes after", self.before, self.after)
    }
}
