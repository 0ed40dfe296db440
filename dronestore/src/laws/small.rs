//! Small worlds, all of them: a few writes of one field on three replicas, with all that may have been merged before each.

use super::courses::{Found, See};
use super::fault::{Fault, Report};
use super::history::{Act, History, Letter, REPLICAS, Source, Step, Walls};
use super::world::World;

/// How many writes a small world has.
const WRITES: usize = 4;
/// How many values there are to write.
const VALUES: u64 = 2;

/// Goes through all small worlds that grow from this one by edits of one source; each is shown to `see`.
///
/// The first history whose world breaks a law comes back with the fault.
pub(super) fn explore(
    world: &World<'_>,
    source: Source,
    walls: Walls,
    see: &mut See<'_>,
) -> Result<(), Found> {
    Explorer { source, walls, see, steps: Vec::new() }.grow(world, 0)
}

struct Explorer<'e, 's> {
    source: Source,
    walls: Walls,
    see: &'e mut See<'s>,
    steps: Vec<Step>,
}

impl Explorer<'_, '_> {
    fn grow(&mut self, world: &World<'_>, writes: usize) -> Result<(), Found> {
        if writes == WRITES {
            return self.meet(world);
        }
        // Replicas that have done nothing yet are all alike: the first of them stands for the others.
        let idle = (0..REPLICAS).find(|who| world.head(*who).is_none()).unwrap_or(REPLICAS);
        for who in 0..=idle.min(REPLICAS - 1) {
            let others: Vec<usize> = (0..REPLICAS).filter(|whom| world.is_news(who, *whom)).collect();
            for merged in 0..1u32 << others.len() {
                let mut base = world.clone();
                // Each world counts what is new in it.
                base.counts = Report::default();
                let before = self.steps.len();
                for (_, whom) in others.iter().enumerate().filter(|(index, _)| merged >> index & 1 == 1) {
                    self.step(&mut base, Step { who, act: Act::Merge(*whom), seed: 0 })?;
                }
                for pick in 0..VALUES {
                    let mut next = base.clone();
                    let letters = vec![Letter { source: self.source, pick }];
                    let known = next.counts.commits;
                    let length = self.steps.len();
                    self.step(&mut next, Step { who, act: Act::Edit(letters), seed: 0 })?;
                    if next.counts.commits > known {
                        next.check_deliveries().map_err(|fault| self.fault(fault))?;
                        (self.see)(&next, &self.steps);
                        self.grow(&next, writes + 1)?;
                    }
                    self.steps.truncate(length);
                }
                self.steps.truncate(before);
            }
        }
        Ok(())
    }

    /// Every merge that brings something new.
    fn meet(&mut self, world: &World<'_>) -> Result<(), Found> {
        for (who, whom) in (0..REPLICAS * REPLICAS).map(|pair| (pair / REPLICAS, pair % REPLICAS)) {
            if world.is_news(who, whom) {
                self.step(&mut world.clone(), Step { who, act: Act::Merge(whom), seed: 0 })?;
                self.steps.pop();
            }
        }
        Ok(())
    }

    fn step(&mut self, world: &mut World<'_>, step: Step) -> Result<(), Found> {
        self.steps.push(step);
        let last = &self.steps[self.steps.len() - 1];
        world.step(last).map_err(|fault| self.fault(fault))
    }

    fn fault(&self, fault: Fault) -> Found {
        Box::new((History { walls: self.walls, seed: 0, steps: self.steps.clone() }, fault))
    }
}
