//! Chance: when to try again, whom to meet. Repeatable where a seed is given.

use crate::random::random_actor;
use std::time::Duration;

/// Repeatable numbers: SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn seeded(seed: u64) -> Chance {
        Chance(seed)
    }

    /// Other numbers each time; without random numbers of the operating system, the same.
    pub(super) fn new() -> Chance {
        let drawn = random_actor().ok().and_then(|actor| actor.as_bytes().first_chunk().copied());
        Chance(drawn.map_or(0, u64::from_le_bytes))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `limit`; 0 where that is 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        (self.next() % (limit as u64).max(1)) as usize
    }

    /// From half of this time to one and a half of it, so that those who began together do not stay together.
    pub(super) fn around(&mut self, time: Duration) -> Duration {
        time / 2 + time.mul_f64((self.next() >> 11) as f64 / (1u64 << 53) as f64)
    }
}

/// How long to wait after a failure: twice as long each time, up to a limit.
#[derive(Debug, Clone)]
pub(super) struct BackOff {
    least: Duration,
    most: Duration,
    next: Duration,
}

impl BackOff {
    pub(super) fn new(least: Duration, most: Duration) -> BackOff {
        let least = least.max(Duration::from_millis(1));
        BackOff { least, most: most.max(least), next: least }
    }

    /// All went well.
    pub(super) fn reset(&mut self) {
        self.next = self.least;
    }

    /// There was a failure: how long to wait.
    pub(super) fn fail(&mut self, chance: &mut Chance) -> Duration {
        let time = self.next;
        self.next = time.saturating_mul(2).min(self.most);
        chance.around(time).min(self.most)
    }

    /// The longest wait, for what will hardly change.
    pub(super) fn give_up(&mut self, chance: &mut Chance) -> Duration {
        self.next = self.most;
        self.fail(chance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_limit_and_begin_anew() {
        let mut chance = Chance::seeded(3);
        let mut back_off = BackOff::new(Duration::from_millis(100), Duration::from_secs(2));
        for expected in [100, 200, 400, 800, 1600, 2000, 2000] {
            let waited = back_off.fail(&mut chance).as_millis();
            assert!(waited >= expected / 2 && waited <= (expected * 3 / 2).min(2000), "{waited}");
        }
        back_off.reset();
        assert!(back_off.fail(&mut chance) <= Duration::from_millis(150));
        assert!(back_off.give_up(&mut chance) >= Duration::from_secs(1));
    }

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let draw = |seed| {
            let mut chance = Chance::seeded(seed);
            (0..20).map(|_| chance.below(10)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_eq!(Chance::new().below(0), 0);
    }
}
