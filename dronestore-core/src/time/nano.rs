//! Nanotime: one number of 64 bits for every instant from 1970 to 2554.

use crate::error::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// An instant: nanoseconds since 1970-01-01T00:00:00 UTC, up to 2554-07-21T23:34:33.709551615.
///
/// All arithmetic is on integers, and whatever leaves the range is refused or, where the name says so, clamped.
/// There are no time zones (text is UTC, see [`FromStr`](std::str::FromStr)) and, as in Unix time, no leap
/// seconds. Stored and serialized as the plain number, so the order of stored values is the order of time.
///
/// ```
/// use dronestore_core::Nanotime;
/// use std::time::Duration;
///
/// let noon: Nanotime = "2026-11-20T12:00:00Z".parse()?;
/// let later = noon.saturating_add(Duration::from_nanos(5));
/// assert_eq!(later.to_string(), "2026-11-20T12:00:00.000000005Z");
/// assert_eq!(later.since(noon), Some(Duration::from_nanos(5)));
/// assert_eq!(noon.since(later), None);
/// # Ok::<(), dronestore_core::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nanotime(u64);

pub(super) const NANOS_PER_SECOND: u64 = 1_000_000_000;
const NANOS_PER_MILLI: u64 = 1_000_000;
const NANOS_PER_MICRO: u64 = 1_000;

impl Nanotime {
    /// The least time, 1970-01-01T00:00:00Z.
    pub const MIN: Nanotime = Nanotime(0);
    /// The largest time, 2554-07-21T23:34:33.709551615Z.
    pub const MAX: Nanotime = Nanotime(u64::MAX);

    /// The time this many nanoseconds after 1970; every number is one.
    #[inline]
    pub const fn from_nanos(nanos: u64) -> Self {
        Nanotime(nanos)
    }

    /// Nanoseconds since 1970.
    #[inline]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The time this many seconds after 1970 (Unix time).
    ///
    /// # Errors
    /// [`InvalidTime`](ErrorKind::InvalidTime) beyond 2554, for this and the two below.
    pub fn from_secs(secs: u64) -> Result<Self> {
        scaled(secs, NANOS_PER_SECOND, "seconds")
    }

    /// The time this many milliseconds after 1970.
    ///
    /// # Errors
    /// As [`Nanotime::from_secs`].
    pub fn from_millis(millis: u64) -> Result<Self> {
        scaled(millis, NANOS_PER_MILLI, "milliseconds")
    }

    /// The time this many microseconds after 1970.
    ///
    /// # Errors
    /// As [`Nanotime::from_secs`].
    pub fn from_micros(micros: u64) -> Result<Self> {
        scaled(micros, NANOS_PER_MICRO, "microseconds")
    }

    /// Whole seconds since 1970 (Unix time), rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / NANOS_PER_SECOND
    }

    /// Whole milliseconds since 1970, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / NANOS_PER_MILLI
    }

    /// Whole microseconds since 1970, rounded down.
    pub const fn as_micros(self) -> u64 {
        self.0 / NANOS_PER_MICRO
    }

    /// The time that much later; none beyond [`Nanotime::MAX`].
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        self.0.checked_add(u64::try_from(duration.as_nanos()).ok()?).map(Nanotime)
    }

    /// The time that much earlier; none before [`Nanotime::MIN`].
    pub fn checked_sub(self, duration: Duration) -> Option<Self> {
        self.0.checked_sub(u64::try_from(duration.as_nanos()).ok()?).map(Nanotime)
    }

    /// The time that much later, at most [`Nanotime::MAX`].
    pub fn saturating_add(self, duration: Duration) -> Self {
        self.checked_add(duration).unwrap_or(Self::MAX)
    }

    /// The time that much earlier, at least [`Nanotime::MIN`].
    pub fn saturating_sub(self, duration: Duration) -> Self {
        self.checked_sub(duration).unwrap_or(Self::MIN)
    }

    /// The next nanosecond; that after [`Nanotime::MAX`] is itself.
    #[inline]
    pub const fn saturating_next(self) -> Self {
        Nanotime(self.0.saturating_add(1))
    }

    /// How much later this is than `earlier`; none if it is earlier.
    pub fn since(self, earlier: Nanotime) -> Option<Duration> {
        self.0.checked_sub(earlier.0).map(Duration::from_nanos)
    }
}

fn scaled(count: u64, nanos: u64, unit: &str) -> Result<Nanotime> {
    count.checked_mul(nanos).map(Nanotime).ok_or_else(|| {
        out_of_range(format!("{count} {unit} since 1970 end after 2554, the last year of a Nanotime"))
    })
}

#[cold]
pub(super) fn out_of_range(message: String) -> Error {
    Error::new(ErrorKind::InvalidTime, message)
}

/// # Errors
/// [`InvalidTime`](ErrorKind::InvalidTime) before 1970 and after 2554.
impl TryFrom<SystemTime> for Nanotime {
    type Error = Error;

    fn try_from(time: SystemTime) -> Result<Self> {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).map_err(|error| {
            out_of_range(format!(
                "system time is {:?} before 1970, the first year of a Nanotime: set the clock",
                error.duration()
            ))
            .with_source(error)
        })?;
        Nanotime::MIN.checked_add(since).ok_or_else(|| {
            out_of_range(format!("system time is {since:?} after 1970 and so after 2554: set the clock"))
        })
    }
}

/// Exact where the system counts nanoseconds; Windows counts steps of 100 and rounds down.
impl From<Nanotime> for SystemTime {
    fn from(time: Nanotime) -> SystemTime {
        // No panic: a system time is 64 bits of seconds, or of 100 ns since 1601, and reaches far beyond 2554.
        SystemTime::UNIX_EPOCH + Duration::from_nanos(time.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_checked_and_rounded_down() {
        assert_eq!(Nanotime::from_secs(3).unwrap().as_nanos(), 3_000_000_000);
        assert_eq!(Nanotime::from_millis(3).unwrap().as_nanos(), 3_000_000);
        assert_eq!(Nanotime::from_micros(3).unwrap().as_nanos(), 3_000);
        let time = Nanotime::from_nanos(1_999_999_999);
        assert_eq!((time.as_secs(), time.as_millis(), time.as_micros()), (1, 1_999, 1_999_999));
        let last = u64::MAX / NANOS_PER_SECOND;
        assert_eq!(Nanotime::from_secs(last).unwrap().as_secs(), last);
        let error = Nanotime::from_secs(last + 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidTime);
        assert_eq!(
            error.to_string(),
            "18446744074 seconds since 1970 end after 2554, the last year of a Nanotime"
        );
        assert!(Nanotime::from_millis(u64::MAX).is_err() && Nanotime::from_micros(u64::MAX).is_err());
    }

    #[test]
    fn arithmetic_stays_in_64_bits() {
        let (one, long) = (Duration::from_nanos(1), Duration::MAX);
        let time = Nanotime::from_nanos(7);
        assert_eq!(time.checked_add(one), Some(Nanotime(8)));
        assert_eq!(time.checked_sub(one), Some(Nanotime(6)));
        assert_eq!((time.checked_add(long), time.checked_sub(long)), (None, None));
        assert_eq!((Nanotime::MAX.checked_add(one), Nanotime::MIN.checked_sub(one)), (None, None));
        assert_eq!((time.saturating_add(long), time.saturating_sub(long)), (Nanotime::MAX, Nanotime::MIN));
        assert_eq!(Nanotime::MAX.saturating_next(), Nanotime::MAX);
        assert_eq!(Nanotime::MAX.since(Nanotime::MIN), Some(Duration::from_nanos(u64::MAX)));
        assert_eq!(Nanotime::MIN.since(time), None);
        assert_eq!(time.since(time), Some(Duration::ZERO));
    }

    #[test]
    fn system_time_goes_both_ways_without_loss() {
        for nanos in [0, 1, 255, 1_795_195_800_000_000_005, u64::MAX] {
            let time = Nanotime(nanos);
            // A Windows clock counts steps of 100 ns.
            let back = Nanotime::try_from(SystemTime::from(time)).unwrap();
            assert!(back == time || cfg!(windows));
        }
        let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(100);
        let error = Nanotime::try_from(before).unwrap_err();
        assert_eq!(
            error.to_string(),
            "system time is 100ns before 1970, the first year of a Nanotime: set the clock"
        );
        let after = SystemTime::from(Nanotime::MAX) + Duration::from_micros(1);
        assert_eq!(Nanotime::try_from(after).unwrap_err().kind(), ErrorKind::InvalidTime);
    }

    #[test]
    fn serialized_as_the_number() {
        let time = Nanotime(u64::MAX);
        assert_eq!(serde_json::to_string(&time).unwrap(), "18446744073709551615");
        assert_eq!(serde_json::from_str::<Nanotime>("18446744073709551615").unwrap(), time);
        assert!(serde_json::from_str::<Nanotime>("-1").is_err());
        assert!(serde_json::from_str::<Nanotime>("18446744073709551616").is_err());
    }
}
