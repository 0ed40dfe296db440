//! Histories as data: what each replica does, one step after the other.

use super::random::Random;

/// How many replicas there are.
pub(super) const REPLICAS: usize = 3;

/// The pick of a field's default.
pub(super) const DEFAULT: u64 = u32::MAX as u64;

/// Where an edit's new value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// One of the values that the kit has made for this field.
    Field(usize),
    /// One of the user's edits.
    Edit(usize),
    /// The user's generator of whole values.
    Whole,
}

/// One part of an edit: from where, and which of all there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) source: Source,
    pub(crate) pick: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// Edits what it has, and commits.
    Edit(Vec<Letter>),
    /// Merges what another has.
    Merge(usize),
    /// Becomes a copy of another, with an actor of its own.
    Copy(usize),
    /// Goes through bytes.
    Reload,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) who: usize,
    pub(super) act: Act,
    /// What is left to chance in it: it stays the same when the steps before it go.
    pub(super) seed: u64,
}

/// How the clocks of the replicas stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walls {
    /// They all stand still at one time.
    Equal,
    /// They differ by seconds.
    Skewed,
    /// The first is a year ahead.
    YearAhead,
    /// They jump.
    Erratic,
}

#[derive(Debug, Clone)]
pub(super) struct History {
    pub(super) walls: Walls,
    pub(super) seed: u64,
    pub(super) steps: Vec<Step>,
}

impl History {
    /// The history of this seed.
    pub(super) fn random(seed: u64, sources: &[Source]) -> History {
        let mut random = Random::new(seed);
        let walls = [Walls::Equal, Walls::Skewed, Walls::YearAhead, Walls::Erratic][random.below(4)];
        let count = 5 + random.below(9);
        let steps = (0..count).map(|_| Step::random(&mut random, sources)).collect();
        History { walls, seed, steps }
    }

    /// Smaller histories, the smallest first.
    pub(super) fn smaller(&self) -> Vec<History> {
        let mut all = Vec::new();
        let mut with = |edit: &dyn Fn(&mut History)| {
            let mut smaller = self.clone();
            edit(&mut smaller);
            all.push(smaller);
        };
        for index in 0..self.steps.len() {
            with(&|history| drop(history.steps.remove(index)));
        }
        let simpler = [Walls::Equal, Walls::YearAhead].into_iter().take_while(|walls| *walls != self.walls);
        simpler.for_each(|walls| with(&|history| history.walls = walls));
        for (index, step) in self.steps.iter().enumerate() {
            let Act::Edit(letters) = &step.act else { continue };
            for (part, letter) in letters.iter().enumerate() {
                if letters.len() > 1 {
                    with(&|history| {
                        change(history, index, |letters| {
                            letters.remove(part);
                        })
                    });
                }
                for pick in [0, 1, letter.pick % 64, letter.pick % 4096] {
                    if pick < letter.pick {
                        with(&|history| change(history, index, |letters| letters[part].pick = pick));
                    }
                }
            }
        }
        all
    }
}

fn change(history: &mut History, index: usize, edit: impl FnOnce(&mut Vec<Letter>)) {
    if let Act::Edit(letters) = &mut history.steps[index].act {
        edit(letters);
    }
}

impl Step {
    fn random(random: &mut Random, sources: &[Source]) -> Step {
        let who = random.below(REPLICAS);
        let other = (who + 1 + random.below(REPLICAS - 1)) % REPLICAS;
        let act = match random.below(16) {
            0..=7 => {
                let count = 1 + random.below(2);
                let letter = |random: &mut Random| {
                    let source = *random.pick(sources)?;
                    Some(Letter { source, pick: random.number() })
                };
                Act::Edit((0..count).filter_map(|_| letter(random)).collect())
            }
            8..=12 => Act::Merge(other),
            13 | 14 => Act::Copy(other),
            _ => Act::Reload,
        };
        Step { who, act, seed: random.number() }
    }
}
