//! Schedules by chance.

use super::act::{Act, Counted, Fate, Schedule, Step};
use super::faults::{Fault, Faults};
use super::model::Kinds;
use crate::laws::Random;
use crate::testing;
use std::ops::RangeInclusive;

/// How many objects of a kind there are; the first is written most.
pub(super) const NAMES: [&str; 3] = ["x", "y", "z"];

const SECOND: i64 = 1_000_000_000;

/// What a schedule is drawn from.
pub(super) struct Draw<'w> {
    pub(super) kinds: &'w Kinds,
    pub(super) replicas: RangeInclusive<usize>,
    pub(super) steps: RangeInclusive<usize>,
    pub(super) faults: Faults,
    pub(super) relays: bool,
}

impl Draw<'_> {
    /// The schedule of this seed.
    pub(super) fn schedule(&self, seed: u64) -> Schedule {
        let mut random = Random::new(seed);
        let count = within(&mut random, &self.replicas).clamp(1, 64);
        let oldest = self.kinds.iter().map(Vec::len).max().unwrap_or(1);
        let age = |random: &mut Random, number: usize| match number {
            0 => Some(0),
            _ if self.relays && random.once_in(8) => None,
            _ => Some(random.below(oldest)),
        };
        let ages = (0..count).map(|number| age(&mut random, number)).collect();
        let table = self.table();
        let steps = within(&mut random, &self.steps);
        let steps = (0..steps).map(|_| self.step(&mut random, count, &table)).collect();
        Schedule { seed, ages, steps }
    }

    /// What happens how often.
    fn table(&self) -> Vec<Kind> {
        let has = |fault| self.faults.has(fault);
        let all = [
            (Kind::Save, 38, true),
            (Kind::Delete, 3, true),
            (Kind::Resolve, 3, true),
            (Kind::Meet, 24, true),
            (Kind::Restart, 2, true),
            (Kind::Carry, 14, has(Fault::Delay)),
            (Kind::Partition, 2, has(Fault::Partition)),
            (Kind::Clock, 3, has(Fault::Clock)),
            (Kind::Crash, 4, has(Fault::Crash)),
            (Kind::Fail, 3, has(Fault::Store)),
            (Kind::Backup, 3, has(Fault::Backup) || has(Fault::Rollback)),
            (Kind::Restore, 2, has(Fault::Backup)),
            (Kind::Copy, 1, has(Fault::Backup)),
            (Kind::Rollback, 2, has(Fault::Rollback)),
        ];
        let happening = all.into_iter().filter(|(_, _, happens)| *happens);
        happening.flat_map(|(kind, weight, _)| std::iter::repeat_n(kind, weight)).collect()
    }

    fn step(&self, random: &mut Random, replicas: usize, table: &[Kind]) -> Step {
        let who = random.below(replicas);
        let whom = (who + 1 + random.below(replicas.max(2) - 1)) % replicas;
        let kind = random.below(self.kinds.len());
        // The smaller of two: the first object is where replicas meet.
        let name = random.below(NAMES.len()).min(random.below(NAMES.len()));
        let act = match random.pick(table).copied().unwrap_or(Kind::Save) {
            Kind::Save => {
                Act::Save { kind, name, letters: self.letters(random, kind), keeps: random.once_in(3) }
            }
            Kind::Delete => Act::Delete { kind, name },
            Kind::Resolve => Act::Resolve { kind, pick: random.below(1 << 16) },
            Kind::Meet => Act::Meet {
                whom,
                fate: self.fate(random),
                waits: self.faults.has(Fault::Delay) && random.once_in(3),
            },
            Kind::Carry => Act::Carry { link: random.below(1 << 16), pieces: 1 + random.below(6) },
            Kind::Partition => Act::Partition { sides: if random.once_in(3) { 0 } else { random.number() } },
            Kind::Clock => {
                let jump = [SECOND, 90 * SECOND, 3600 * SECOND, 365 * 24 * 3600 * SECOND][random.below(4)];
                Act::Clock { jump: if random.once_in(2) { jump } else { -jump } }
            }
            Kind::Crash => match random.once_in(3) {
                true => Act::Crash {
                    counted: Counted::Calls,
                    nth: 1 + random.below(40) as u64,
                    fault: fault(random),
                },
                false => Act::Crash {
                    counted: Counted::Batches,
                    nth: 1 + random.below(4) as u64,
                    fault: fault(random),
                },
            },
            Kind::Fail => Act::Fail { nth: 1 + random.below(3) as u64, fault: fault(random) },
            Kind::Restart => Act::Restart { updates: random.once_in(2) },
            Kind::Backup => Act::Backup,
            Kind::Restore => Act::Restore { whole: false },
            Kind::Rollback => Act::Restore { whole: true },
            Kind::Copy => Act::Copy { whom },
        };
        Step { who, act, seed: random.number() }
    }

    fn letters(&self, random: &mut Random, kind: usize) -> Vec<crate::laws::Letter> {
        let ages = self.kinds.get(kind);
        ages.and_then(|ages| ages.first()).map(|newest| newest.letters(random)).unwrap_or_default()
    }

    fn fate(&self, random: &mut Random) -> Fate {
        // Most of what is said comes early.
        let early = |random: &mut Random, most: usize| random.below(1 + random.clone().below(most));
        let (kind, piece) = (random.below(12), early(random, 12));
        match kind {
            0 | 1 if self.faults.has(Fault::Cut) => Fate::Cut(early(random, 1500)),
            2 if self.faults.has(Fault::Loss) => Fate::Lose(piece),
            3 if self.faults.has(Fault::Duplication) => Fate::Twice(piece),
            4 if self.faults.has(Fault::Reordering) => Fate::Swap(piece),
            _ => Fate::Whole,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Save,
    Delete,
    Resolve,
    Meet,
    Carry,
    Partition,
    Clock,
    Crash,
    Fail,
    Restart,
    Backup,
    Restore,
    Rollback,
    Copy,
}

fn fault(random: &mut Random) -> testing::Fault {
    [testing::Fault::Refuse, testing::Fault::Lose, testing::Fault::Keep][random.below(3)]
}

fn within(random: &mut Random, range: &RangeInclusive<usize>) -> usize {
    let span = range.end().saturating_sub(*range.start());
    range.start() + random.below(span.saturating_add(1))
}
