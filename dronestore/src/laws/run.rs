//! The run: all small worlds, then histories at random, then what was read a second ago; and whether that was anything.

use super::build::GUESSED;
use super::courses;
use super::fault::{Failure, Fault, Outcome, Report};
use super::history::{History, Source, Step, Walls};
use super::program::{Program, Programs, Reread};
use super::small::explore;
use super::tell::{Told, short_names};
use super::world::{MergeFn, World};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::thread::sleep;
use std::time::{Duration, Instant};

const ONE_KIND: &str = "programs that meet have models of one kind";
const ACCEPTED: &str = "every field is written by commits that the model accepts";

/// How many readings are kept to be made again.
const REMEMBERED: usize = 64;
/// How many smaller histories are tried.
const SHRINKS: usize = 3000;

/// The readings of a history, to be made again later.
struct Remembered {
    history: History,
    reread: Reread,
}

pub(super) struct Run<'r> {
    programs: &'r Programs,
    merge: MergeFn,
    report: Report,
    remembered: Vec<Remembered>,
}

impl<'r> Run<'r> {
    pub(super) fn new(programs: &'r [Rc<dyn Program>], merge: MergeFn) -> Result<Self, Failure> {
        let kind = programs[0].kind();
        if let Some(other) = programs.iter().find(|program| program.kind() != kind) {
            let name = short_names(&[other.type_name()]).concat();
            let seen = format!("`{name}` is of kind `{}`", other.kind());
            return Err(Fault::new(ONE_KIND, seen).alone(kind));
        }
        Ok(Run { programs, merge, report: Report::default(), remembered: Vec::new() })
    }

    pub(super) fn all(mut self, histories: u64, seed: Option<u64>) -> Result<Report, Failure> {
        let from_env = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        if let Some(seed) = from_env("DRONESTORE_SEED") {
            self.random(seed)?;
            return Ok(self.report);
        }
        let began = Instant::now();
        self.small_worlds()?;
        // Every model has histories of its own, the same on every machine.
        let kind = self.programs[0].kind();
        let own = kind.bytes().fold(17u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let histories = histories.saturating_mul(from_env("DRONESTORE_HISTORIES").unwrap_or(1));
        for number in 0..histories {
            self.random(seed.unwrap_or(own).wrapping_add(number))?;
        }
        self.was_tried()?;
        if !self.remembered.is_empty() {
            // What asks a clock by the second is found only when a second has passed.
            sleep(Duration::from_millis(1050).saturating_sub(began.elapsed()));
        }
        for Remembered { history, reread } in &self.remembered {
            reread().map_err(|fault| self.failure(history, fault, None))?;
        }
        Ok(self.report)
    }

    fn small_worlds(&mut self) -> Result<(), Failure> {
        let (programs, merge) = (self.programs, self.merge);
        let newest = &programs[0];
        // What is built in is known not to be moved by clocks.
        let walls = [Walls::Equal, Walls::YearAhead];
        let walls = if newest.has_own_strategy() { &walls[..] } else { &walls[..1] };
        let start = |walls| World::new(programs, merge, walls, 0);
        let mut sources = newest.sources();
        // Code of the user's is the likeliest to be wrong.
        sources.sort_by_key(|source| !(matches!(source, Source::Field(_)) && newest.is_own(*source)));
        for (source, walls) in
            sources.iter().flat_map(|source| walls.iter().map(move |walls| (*source, *walls)))
        {
            let mut see = |world: &World<'_>, steps: &[Step]| self.saw(world, steps);
            let explored = explore(&start(walls), source, walls, &mut see);
            explored.map_err(|found| self.found(*found))?;
            let mut see = |world: &World<'_>, steps: &[Step]| self.saw(world, steps);
            let met = courses::three_writers(&start(walls), source, walls, newest.is_own(source), &mut see);
            met.map_err(|found| self.found(*found))?;
        }
        let mut see = |world: &World<'_>, steps: &[Step]| self.saw(world, steps);
        let promised = newest.has_promises();
        let met = courses::two_fields(&start(walls[0]), &sources, walls[0], promised, &mut see);
        met.map_err(|found| self.found(*found))
    }

    /// Counts a small world, and keeps what it reads as.
    fn saw(&mut self, world: &World<'_>, steps: &[Step]) {
        self.report.worlds += 1;
        self.report.add(&world.counts);
        let newest = &self.programs[0];
        if newest.has_own_strategy() && self.remembered.len() < REMEMBERED {
            let history = History { walls: world.walls, seed: 0, steps: steps.to_vec() };
            let head = steps.last().and_then(|step| world.head(step.who));
            let reread = head.and_then(|head| newest.remember(head));
            self.remembered.extend(reread.map(|reread| Remembered { history, reread }));
        }
    }

    fn found(&self, (history, fault): (History, Fault)) -> Failure {
        self.shrunk(history, fault, None)
    }

    /// That the model has accepted what was written, and that every field was.
    fn was_tried(&self) -> Result<(), Failure> {
        for program in self.programs {
            let fault = |law, seen| Fault::new(law, seen).alone(program.kind());
            if let Some(seen) = program.unguessed() {
                return Err(fault(GUESSED, seen));
            }
            if let Some(seen) = program.unaccepted() {
                return Err(fault(ACCEPTED, seen));
            }
        }
        Ok(())
    }

    /// Where the edits of all programs come from.
    fn sources(&self) -> Vec<Source> {
        let mut known = BTreeSet::new();
        let all = self.programs.iter().flat_map(|program| program.sources());
        all.filter(|source| known.insert(*source)).collect()
    }

    fn random(&mut self, seed: u64) -> Result<(), Failure> {
        let history = History::random(seed, &self.sources());
        let mut world = World::new(self.programs, self.merge, history.walls, seed);
        let outcome = world.run(&history);
        self.report.histories += 1;
        self.report.add(&world.counts);
        outcome.map_err(|fault| self.shrunk(history, fault, Some(seed)))
    }

    fn play(&self, history: &History) -> Outcome {
        World::new(self.programs, self.merge, history.walls, history.seed).run(history)
    }

    /// The failure of the smallest history that breaks the same law.
    fn shrunk(&self, mut history: History, mut fault: Fault, seed: Option<u64>) -> Failure {
        let mut tries = 0;
        'again: loop {
            for smaller in history.smaller() {
                tries += 1;
                match self.play(&smaller) {
                    _ if tries > SHRINKS => break 'again,
                    Err(found) if found.law == fault.law => {
                        (history, fault) = (smaller, found);
                        continue 'again;
                    }
                    _ => {}
                }
            }
            break;
        }
        self.failure(&history, fault, seed)
    }

    fn failure(&self, history: &History, fault: Fault, seed: Option<u64>) -> Failure {
        let mut world = World::new(self.programs, self.merge, history.walls, history.seed);
        world.told = Some(Told::new(history.walls, self.programs));
        let fault = world.run(history).err().filter(|found| found.law == fault.law).unwrap_or(fault);
        let mut told = world.told.take().unwrap_or_default();
        Failure {
            steps: told.steps,
            program: told.program(&fault),
            law: fault.law,
            seen: fault.seen,
            seed,
            kind: self.programs[0].kind(),
        }
    }
}
