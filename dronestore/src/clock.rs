//! Clock: where wall time comes from. Only the edge of the library reads one.

use dronestore_core::Nanotime;
use std::fmt;
use std::time::SystemTime;

/// Where a repo reads the time; a test gives it one that it moves by hand.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Nanoseconds since 1970. It may jump in either direction: stamps survive that.
    fn now(&self) -> Nanotime;
}

/// The clock of the operating system; before 1970 it says 1970.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Nanotime {
        Nanotime::try_from(SystemTime::now()).unwrap_or(Nanotime::MIN)
    }
}
