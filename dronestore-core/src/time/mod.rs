//! Time: nanoseconds as one number, and the clock rule that orders concurrent writes.
//!
//! Nothing here reads a clock. Whoever can (a repo, a test with a hand-moved clock) passes the time in.

mod hybrid;
mod nano;
mod rfc3339;

pub use hybrid::{HybridClock, Stamp};
pub use nano::Nanotime;
