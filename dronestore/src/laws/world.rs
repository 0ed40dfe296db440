//! Three replicas of one object, the steps that they take, and the laws that are asked after each.

use super::fault::{Fault, Outcome, PANICS, Proof, Report};
use super::history::{Act, History, Letter, REPLICAS, Step, Walls};
use super::program::{Edited, Program, Programs};
use super::quiet::quietly;
use super::random::Random;
use super::{kept, tell::Told};
use crate::version::{Author, Merged, join_in_full};
use crate::{ActorId, HybridClock, Nanotime, Result, Version};
use std::collections::BTreeMap;

const CONVERGES: &str = "versions that have seen the same commits are the same in every byte";
const COMMUTES: &str = "a merge is the same both ways";
const IDLE: &str = "merging what is known changes nothing";
const COVERS: &str = "a merge has seen all that went into it";
const SHORT: &str = "the short ways of a merge come to what the full join does";
const GROUPS: &str = "a merge is the same in whatever groups it is done";
const FOLLOWS: &str = "a write beats what it has seen, whatever the clocks say";

const NOW: u64 = 1_800_000_000_000_000_000;
const SECOND: u64 = 1_000_000_000;
const YEAR: u64 = 365 * 24 * 3600 * SECOND;

/// How two versions are merged: [`Version::merge`], or what stands in for it.
pub(super) type MergeFn = fn(&Version, &Version) -> Result<Merged>;

#[derive(Clone)]
struct Replica {
    actor: ActorId,
    clock: HybridClock,
    head: Option<Version>,
    /// What its head was made of, where that is one commit of its own.
    origin: Option<Option<Version>>,
}

#[derive(Clone)]
pub(super) struct World<'w> {
    programs: &'w Programs,
    merge: MergeFn,
    pub(super) walls: Walls,
    random: Random,
    replicas: Vec<Replica>,
    /// How many replicas became copies of others.
    copies: u8,
    /// Every version met, by what it has seen.
    met: BTreeMap<Vec<u8>, Version>,
    /// The versions that commits made.
    made: Vec<Version>,
    pub(super) counts: Report,
    pub(super) told: Option<Told>,
}

impl<'w> World<'w> {
    pub(super) fn new(programs: &'w Programs, merge: MergeFn, walls: Walls, seed: u64) -> World<'w> {
        let mut random = Random::new(seed ^ 0x5eed);
        let replica = |number: usize| {
            // The order of the actors is not that of the replicas.
            let mut actor = [number as u8 + 1; 12];
            actor[0] = random.number() as u8;
            let actor = ActorId::from_bytes(actor);
            Replica { actor, clock: HybridClock::default(), head: None, origin: None }
        };
        World {
            programs,
            merge,
            walls,
            replicas: (0..REPLICAS).map(replica).collect(),
            random,
            copies: 0,
            met: BTreeMap::new(),
            made: Vec::new(),
            counts: Report::default(),
            told: None,
        }
    }

    /// Runs a history to its end, and what must hold there.
    pub(super) fn run(&mut self, history: &History) -> Outcome {
        history.steps.iter().try_for_each(|step| self.step(step))?;
        self.check_groups()?;
        self.check_deliveries()
    }

    pub(super) fn step(&mut self, step: &Step) -> Outcome {
        quietly(|| self.act(step)).unwrap_or_else(|panic| Err(Fault::new(PANICS, panic)))
    }

    fn act(&mut self, step: &Step) -> Outcome {
        let who = step.who;
        match &step.act {
            Act::Edit(letters) => self.edit(step, letters),
            Act::Merge(whom) => self.merge(who, *whom),
            Act::Copy(whom) => {
                let Some(head) = self.replicas[*whom].head.clone() else { return Ok(()) };
                self.copies += 1;
                let mut actor = [16 + self.copies; 12];
                actor[0] = Random::new(step.seed).number() as u8;
                self.tell(|told| told.copy(who, *whom));
                let replica = &mut self.replicas[who];
                (replica.actor, replica.head, replica.origin) =
                    (ActorId::from_bytes(actor), Some(head), None);
                Ok(())
            }
            Act::Reload => {
                let Some(head) = self.replicas[who].head.clone() else { return Ok(()) };
                self.tell(|told| told.reload(who));
                let back = Version::from_bytes(&head.to_bytes());
                self.replicas[who].head = Some(back.map_err(|error| Fault::new(CONVERGES, error))?);
                Ok(())
            }
        }
    }

    /// Whether a merge would bring anything new.
    pub(super) fn is_news(&self, who: usize, whom: usize) -> bool {
        match (&self.replicas[who].head, &self.replicas[whom].head) {
            (Some(ours), Some(theirs)) => !ours.covers(theirs).unwrap_or(false),
            (None, theirs) => theirs.is_some(),
            (Some(_), None) => false,
        }
    }

    pub(super) fn head(&self, who: usize) -> Option<&Version> {
        self.replicas[who].head.as_ref()
    }

    fn program(&self, who: usize) -> &'w dyn Program {
        &*self.programs[who % self.programs.len()]
    }

    fn tell(&mut self, line: impl FnOnce(&mut Told)) {
        if let Some(told) = &mut self.told {
            line(told);
        }
    }

    fn wall(&self, step: &Step) -> u64 {
        let who = step.who;
        let ticks = self.made.len() as u64 * 1000;
        match self.walls {
            Walls::Equal => NOW,
            Walls::Skewed => NOW + ticks + who as u64 * 20 * SECOND,
            Walls::YearAhead if who == 0 => NOW + YEAR + ticks,
            Walls::YearAhead => NOW + ticks,
            Walls::Erratic => NOW + Random::new(step.seed).below(180) as u64 * SECOND,
        }
    }

    fn edit(&mut self, step: &Step, letters: &[Letter]) -> Outcome {
        let who = step.who;
        let wall = Nanotime::from_nanos(self.wall(step));
        let program = self.program(who);
        let base = self.replicas[who].head.clone();
        if let Some(told) = &mut self.told {
            let lines = program.lines(base.as_ref(), letters, told.name(who));
            told.edit(who, base.is_some(), &lines);
        }
        let replica = &mut self.replicas[who];
        let mut author = Author { actor: replica.actor, clock: &mut replica.clock, wall };
        let edited = program.edit(base.as_ref(), letters, &mut author);
        let edited = edited.map_err(|fault| fault.read_by(who % self.programs.len()))?;
        let (version, changed) = match edited {
            Edited::Made { version, changed } => (version, changed),
            Edited::Nothing => return Ok(()),
            Edited::Refused => {
                self.counts.refused += 1;
                self.tell(|told| told.refused());
                return Ok(());
            }
        };
        self.counts.commits += 1;
        self.made.push(version.clone());
        if let Some(base) = &base {
            if !matches!(version.covers(base), Ok(true)) || matches!(base.covers(&version), Ok(true)) {
                return Err(Fault::new(
                    FOLLOWS,
                    "the commit's version does not follow the one it was made on",
                ));
            }
            for (number, program) in self.programs.iter().enumerate() {
                let kept = program.check_kept(base, &version, &changed);
                kept.map_err(|fault| fault.read_by(number))?;
            }
        }
        self.replicas[who].origin = Some(base);
        self.arrive(who, version)
    }

    fn merge(&mut self, who: usize, whom: usize) -> Outcome {
        let Some(theirs) = self.replicas[whom].head.clone() else { return Ok(()) };
        self.tell(|told| told.merge(who, whom));
        let ours = self.replicas[who].head.clone();
        let origins = (self.replicas[who].origin.take(), self.replicas[whom].origin.clone());
        let Some(ours) = ours else { return self.arrive(who, theirs) };
        let merged = self.check_join(&ours, &theirs)?;
        if let (Some(mine), Some(other)) = origins
            && mine.as_ref().map(Version::hash) == other.as_ref().map(Version::hash)
        {
            let met = [mine.as_ref(), Some(&ours), Some(&theirs), Some(&merged)];
            let kept = self.program(who).check_promises(met);
            kept.map_err(|fault| fault.read_by(who % self.programs.len()))?;
        }
        self.arrive(who, merged)
    }

    fn arrive(&mut self, who: usize, version: Version) -> Outcome {
        self.replicas[who].head = Some(version.clone());
        self.check(&version)
    }

    fn join(&self, ours: &Version, theirs: &Version) -> Result<Version, Fault> {
        match (self.merge)(ours, theirs).map_err(|error| Fault::new(COVERS, error))? {
            Merged::Known => Ok(ours.clone()),
            Merged::Forward => Ok(theirs.clone()),
            Merged::Joined(version) => Ok(version),
        }
    }

    fn check(&mut self, version: &Version) -> Outcome {
        let mut seen = Vec::new();
        version.context().encode(&mut seen);
        if let Some(met) = self.met.get(&seen) {
            return same(CONVERGES, met, version);
        }
        self.met.insert(seen, version.clone());
        self.counts.versions += 1;
        let mut programs = self.programs.iter().enumerate();
        programs
            .try_for_each(|(number, program)| program.check(version).map_err(|fault| fault.read_by(number)))
    }

    fn check_join(&self, ours: &Version, theirs: &Version) -> Result<Version, Fault> {
        let joined = self.join(ours, theirs)?;
        kept::check(ours, theirs, &joined).map_err(|fault| fault.shown_by(Proof::Joins))?;
        same(COMMUTES, &joined, &self.join(theirs, ours)?)?;
        for side in [ours, theirs, &joined] {
            same(IDLE, &joined, &self.join(&joined, side)?)?;
            if !joined.covers(side).map_err(|error| Fault::new(COVERS, error))? {
                return Err(Fault::new(COVERS, format_args!("{joined} has not seen all of {side}")));
            }
        }
        let full = join_in_full(ours, theirs).map_err(|error| Fault::new(SHORT, error))?;
        same(SHORT, &joined, &full)?;
        Ok(joined)
    }

    /// Three that were met, joined in both groupings.
    fn check_groups(&mut self) -> Outcome {
        let met: Vec<Version> = self.met.values().cloned().collect();
        for _ in 0..3 {
            let three: Vec<&Version> = (0..3).filter_map(|_| self.random.pick(&met)).collect();
            let [a, b, c] = three[..] else { return Ok(()) };
            let left = self.join(&self.join(a, b)?, c)?;
            same(GROUPS, &left, &self.join(a, &self.join(b, c)?)?)?;
        }
        Ok(())
    }

    /// The first commits, delivered in all orders: each set of them is reached by every last one.
    pub(super) fn check_deliveries(&self) -> Outcome {
        let made: Vec<&Version> = self.made.iter().take(4).collect();
        let mut sets: Vec<Option<Version>> = vec![None];
        for set in 1..1usize << made.len() {
            let mut reached: Option<Version> = None;
            for (last, version) in made.iter().enumerate().filter(|(last, _)| set >> last & 1 == 1) {
                let joined = match &sets[set & !(1 << last)] {
                    Some(before) => self.join(before, version)?,
                    None => Version::clone(version),
                };
                match &reached {
                    Some(reached) => same(CONVERGES, reached, &joined)?,
                    None => reached = Some(joined),
                }
            }
            sets.push(reached);
        }
        Ok(())
    }
}

fn same(law: &'static str, one: &Version, other: &Version) -> Outcome {
    if one.hash() == other.hash() && one.state_bytes() == other.state_bytes() {
        return Ok(());
    }
    Err(Fault::new(law, format_args!("{one} and {other} have seen the same and differ"))
        .shown_by(Proof::Joins))
}
