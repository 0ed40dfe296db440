//! The hybrid clock: which stamp a write gets, and how stamps are ordered.

use super::nano::Nanotime;
use crate::actor::ActorId;
use std::fmt;
use std::time::Duration;

/// When a commit was made, as its author's clock had it: a total order over all commits.
///
/// Stamps decide among *concurrent* writes only; a write that has seen another beats it whatever their stamps say.
/// Ordered by time, then actor, then sequence: equal times are settled by the actor, or two replicas would each
/// keep their own value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The hybrid time.
    pub time: Nanotime,
    /// Who made the commit.
    pub actor: ActorId,
    /// The how-manieth commit of that actor on that object it is.
    pub sequence: u64,
}

/// `2026-11-20T17:30:00.000000005Z 0123456789abcdef01234567:42`
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:{}", self.time, self.actor, self.sequence)
    }
}

/// A clock that never falls behind what it has stamped or seen, but follows nobody into the future.
///
/// # Rule
/// stamp = max(wall clock, own last + 1, largest seen + 1), the last two only while they are at most
/// [`MAX_LEAD`](HybridClock::MAX_LEAD) ahead of the wall clock; all sums saturate.
///
/// After Kulkarni, Demirbas et al., "Logical physical clocks" (2014), with the counter folded into the nanoseconds
/// and a bound on the lead.
///
/// # What follows
/// - While clocks agree to within a minute, what follows another write has a larger stamp, and the stamps of one
///   clock increase strictly, however coarse the wall clock is and however often it is asked within one step.
/// - A device whose clock is a year ahead drags nobody along: its stamps are seen and not followed. Among concurrent
///   writes its value wins for that year; whoever has seen the value overwrites it, because causality decides first.
/// - A clock that is set back by less than a minute is waited for, its stamps go on increasing. Set back by more,
///   stamps go back with it: better than to stamp a year in the future until that year has come.
/// - At the end of time, in 2554, stamps stay equal, and are ordered by actor and sequence.
///
/// Not a thing to trust: a stamp says what a clock said.
///
/// ```
/// use dronestore_core::{HybridClock, Nanotime};
///
/// let wall: Nanotime = "2026-11-20T17:30:00Z".parse()?;
/// let next_year: Nanotime = "2027-11-20T17:30:00Z".parse()?;
/// let mut clock = HybridClock::new(Nanotime::MIN);
/// assert_eq!(clock.next(wall, None), wall);
/// assert_eq!(clock.next(wall, None), wall.saturating_next());
/// assert_eq!(clock.next(wall, Some(next_year)).to_string(), "2026-11-20T17:30:00.000000002Z");
/// # Ok::<(), dronestore_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HybridClock {
    last: Nanotime,
}

impl HybridClock {
    /// How far ahead of the wall clock a stamp may be.
    pub const MAX_LEAD: Duration = Duration::from_secs(60);

    /// A clock that goes on after `last`, the last stamp it gave; [`Nanotime::MIN`] if it gave none.
    pub const fn new(last: Nanotime) -> Self {
        HybridClock { last }
    }

    /// The last stamp this clock gave.
    pub const fn last(&self) -> Nanotime {
        self.last
    }

    /// The time of a new stamp, by the rule above.
    ///
    /// `wall` is what the wall clock says now, `largest_seen` the largest stamp among the writes that the new one has seen.
    pub fn next(&mut self, wall: Nanotime, largest_seen: Option<Nanotime>) -> Nanotime {
        let limit = wall.saturating_add(Self::MAX_LEAD);
        let follow = |time: Nanotime| Some(time.saturating_next()).filter(|&next| next <= limit);
        let seen = largest_seen.and_then(follow);
        self.last = wall.max(follow(self.last).unwrap_or(wall)).max(seen.unwrap_or(wall));
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;
    const MINUTE: u64 = 60 * SECOND;
    const YEAR: u64 = 365 * 24 * 60 * MINUTE;
    const NOW: u64 = 57 * YEAR;

    /// Own last stamp, wall clock, largest seen, and the stamp that follows.
    fn check(last: u64, wall: u64, seen: Option<u64>, expected: u64) {
        let mut clock = HybridClock::new(Nanotime::from_nanos(last));
        let stamp = clock.next(Nanotime::from_nanos(wall), seen.map(Nanotime::from_nanos));
        assert_eq!(stamp.as_nanos(), expected, "last {last}, wall {wall}, seen {seen:?}");
        assert_eq!(clock.last(), stamp);
    }

    #[test]
    fn the_largest_of_three_within_a_minute() {
        check(0, NOW, None, NOW);
        check(NOW, NOW, None, NOW + 1);
        check(NOW - 1, NOW, None, NOW);
        check(NOW + SECOND, NOW, None, NOW + SECOND + 1);
        check(NOW, NOW, Some(NOW + SECOND), NOW + SECOND + 1);
        check(NOW + 2 * SECOND, NOW, Some(NOW + SECOND), NOW + 2 * SECOND + 1);
        check(0, NOW, Some(NOW - SECOND), NOW);
    }

    #[test]
    fn nobody_is_followed_more_than_a_minute_ahead() {
        check(0, NOW, Some(NOW + MINUTE - 1), NOW + MINUTE);
        check(0, NOW, Some(NOW + MINUTE), NOW);
        check(0, NOW, Some(NOW + YEAR), NOW);
        check(0, NOW, Some(u64::MAX), NOW);
        check(NOW, NOW, Some(NOW + YEAR), NOW + 1);
        check(NOW + MINUTE - 1, NOW, None, NOW + MINUTE);
        check(NOW + MINUTE, NOW, None, NOW);
    }

    #[test]
    fn a_clock_set_back_by_a_year_is_believed_and_then_strict_again() {
        let mut clock = HybridClock::new(Nanotime::from_nanos(NOW + YEAR));
        let wall = Nanotime::from_nanos(NOW);
        assert_eq!(clock.next(wall, None), wall);
        assert_eq!(clock.next(wall, None), wall.saturating_next());
    }

    #[test]
    fn the_end_of_time_is_no_overflow() {
        check(u64::MAX, u64::MAX, Some(u64::MAX), u64::MAX);
        check(u64::MAX - 1, u64::MAX - 5, None, u64::MAX);
        check(0, 0, None, 1);
    }

    #[test]
    fn a_coarse_clock_still_stamps_strictly_upwards() {
        let mut clock = HybridClock::default();
        let mut last = Nanotime::MIN;
        for step in 0..10_000 {
            // A wall clock that moves by 256 ns every hundred calls.
            let next = clock.next(Nanotime::from_nanos(NOW + step / 100 * 256), None);
            assert!(next > last);
            last = next;
        }
    }

    #[test]
    fn stamps_order_by_time_then_actor_then_sequence() {
        let stamp = |time, actor, sequence| Stamp {
            time: Nanotime::from_nanos(time),
            actor: ActorId::from_bytes([actor; ActorId::LENGTH]),
            sequence,
        };
        let ordered = [stamp(1, 9, 9), stamp(2, 0, 9), stamp(2, 1, 0), stamp(2, 1, 1)];
        assert!(ordered.is_sorted_by(|one, other| one < other));
        assert_eq!(
            stamp(5, 0xab, 7).to_string(),
            "1970-01-01T00:00:00.000000005Z abababababababababababab:7"
        );
    }
}
