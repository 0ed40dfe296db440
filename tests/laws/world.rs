//! A few replicas of one object, and the steps that they take.

use super::diff::Diff;
use super::models::Table;
use super::oracle::{Commit, Commits, Op, Oracle, Path};
use super::rng::Rng;
use super::shown::Val;
use super::spec::Spec;
use dronestore::version::{Author, Merged, delete, from_json, to_json};
use dronestore::{ActorId, ErrorKind, HybridClock, Key, Nanotime, Version};

pub const NOW: u64 = 1_800_000_000_000_000_000;
pub const SECOND: u64 = 1_000_000_000;
pub const YEAR: u64 = 365 * 24 * 3600 * SECOND;

pub type Outcome = Result<(), String>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Edits a value and commits it.
    Write,
    /// Takes in what another replica has.
    Merge,
    /// A clone goes on as a replica of its own.
    Fork,
    /// Through `to_bytes` and back.
    Bytes,
    /// Through JSON text and back.
    Json,
    /// Edits an older version and saves it onto the head, as a repo does.
    Moved,
    Delete,
    /// Saves a value that was never loaded.
    Anew,
}

#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub act: Act,
    pub who: usize,
    pub whom: usize,
    pub seed: u64,
}

#[derive(Clone)]
struct Replica {
    actor: [u8; 12],
    clock: HybridClock,
    skew: i64,
    head: Option<(Commits, Version)>,
}

/// What a commit is to write, and to which lists.
type Planned = (Vec<(Path, Op)>, Vec<super::ordered::Plan>);

/// How the wall clocks of the replicas stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walls {
    Equal,
    Skewed,
    YearAhead,
    Erratic,
}

pub struct World<'t> {
    pub oracle: Oracle,
    pub table: &'t Table,
    pub key: Key,
    /// Every version met so far, with the commits that it has seen.
    pub met: Vec<(Commits, Version)>,
    /// What happened, line by line, where anybody wants to know.
    pub told: Option<Vec<String>>,
    walls: Walls,
    replicas: Vec<Replica>,
}

impl<'t> World<'t> {
    pub fn new(table: &'t Table, seed: u64, tell: bool) -> World<'t> {
        let mut rng = Rng::new(seed);
        let walls = [Walls::Equal, Walls::Skewed, Walls::YearAhead, Walls::Erratic][rng.below(4)];
        let count = 2 + rng.below(3);
        let mut world = World {
            oracle: Oracle::default(),
            table,
            key: Key::for_kind(table.kind, "x").unwrap(),
            met: Vec::new(),
            told: tell.then(|| vec![format!("clocks: {walls:?}")]),
            walls,
            replicas: Vec::new(),
        };
        for _ in 0..count {
            world.add_replica(&mut rng, None);
        }
        world
    }

    fn add_replica(&mut self, rng: &mut Rng, head: Option<(Commits, Version)>) {
        let index = self.replicas.len();
        let mut actor = [index as u8; 12];
        actor[0] = rng.next() as u8;
        let skew = match self.walls {
            Walls::Equal | Walls::Erratic => 0,
            Walls::YearAhead if index == 0 => YEAR as i64,
            _ => (rng.below(41) as i64 - 20) * SECOND as i64,
        };
        self.replicas.push(Replica { actor, clock: HybridClock::default(), skew, head });
    }

    fn wall(&self, who: usize, rng: &mut Rng) -> u64 {
        let ticks = match self.walls {
            Walls::Equal => 0,
            Walls::Erratic => rng.below(180) as u64 * SECOND,
            _ => self.oracle.commits.len() as u64 * 1000,
        };
        (NOW + ticks).wrapping_add_signed(self.replicas[who].skew)
    }

    pub fn step(&mut self, step: &Step) -> Outcome {
        let mut rng = Rng::new(step.seed);
        let (who, whom) = (step.who % self.replicas.len(), step.whom % self.replicas.len());
        let head = self.replicas[who].head.clone();
        match (step.act, head) {
            (Act::Write, head) => self.commit(who, head, &mut rng),
            (Act::Anew, _) => self.commit(who, None, &mut rng),
            (Act::Fork, head) => {
                self.tell(|world| format!("r{} is a copy of r{who}", world.replicas.len()));
                self.add_replica(&mut rng, head);
                Ok(())
            }
            (Act::Moved, Some((known, _))) => {
                let older: Vec<_> = self.met.iter().filter(|(seen, _)| seen & !known == 0).collect();
                let base = older[rng.below(older.len())].clone();
                self.commit(who, Some(base), &mut rng)
            }
            (Act::Merge, _) if who != whom => self.merge(who, whom),
            (Act::Delete, Some(head)) => self.delete(who, head, &mut rng),
            (Act::Bytes, Some((known, version))) => {
                let back = Version::from_bytes(&version.to_bytes()).map_err(shown)?;
                self.arrive(who, known, back)
            }
            (Act::Json, Some((known, version))) => {
                let text = to_json(&version).map_err(shown)?.to_string();
                let back = from_json(&serde_json::from_str(&text).unwrap()).map_err(shown)?;
                self.check_untyped(known, &back)?;
                self.arrive(who, known, back)
            }
            _ => Ok(()),
        }
    }

    fn commit(&mut self, who: usize, base: Option<(Commits, Version)>, rng: &mut Rng) -> Outcome {
        let wall = self.wall(who, rng);
        let (head_known, head) = self.replicas[who].head.clone().unzip();
        let head_known = head_known.unwrap_or(0);
        let (base_known, base) = base.unzip();
        let clean = base.is_none() && head.as_ref().is_some_and(Version::is_deleted);
        let value = base.as_ref().map_or_else(self.table.fresh, self.table.load).map_err(shown)?;
        let spec = Spec::Nested(self.table.fields.clone());
        let mut new = value.clone();
        for _ in 0..1 + rng.below(2) {
            new = spec.edit(&new, rng);
        }
        let seen = if clean { head_known } else { base_known.unwrap_or(0) };
        let actor = self.replicas[who].actor;
        let plan = self.plan(seen & base_known.unwrap_or(0), if clean { 0 } else { head_known }, actor, &new);
        let clock = &mut self.replicas[who].clock;
        let mut author =
            Author { actor: ActorId::from_bytes(actor), clock, wall: Nanotime::from_nanos(wall) };
        let result = (self.table.commit)(&new, &self.key, base.as_ref(), head.as_ref(), &mut author);
        self.tell(|_| {
            let onto =
                if base_known.is_some_and(|base| base != head_known) { " onto a moved head" } else { "" };
            format!("r{who} edits {:?}, having seen {} to {new:?}{onto}", value, bits(seen))
        });
        let (ops, lists, committed) = match (plan, result) {
            (None, Err(error)) if error.kind() == ErrorKind::Refused => return Ok(()),
            (None, other) => {
                return Err(format!("should be refused, and is {:?}", other.map(|made| made.is_some())));
            }
            (Some((ops, lists)), Ok(committed)) => match committed {
                None if ops.is_empty() && lists.is_empty() && base.is_some() => return Ok(()),
                Some(committed) if !ops.is_empty() || !lists.is_empty() || base.is_none() => {
                    (ops, lists, committed)
                }
                other => {
                    return Err(format!("should write {ops:?} {lists:?}, and {}", written(other.is_some())));
                }
            },
            (_, Err(error)) => return Err(shown(error)),
        };
        let time = committed.commit.time.as_nanos();
        if time < wall || time > wall + 60 * SECOND {
            return Err(format!("a stamp of {time} at {wall} by the wall clock"));
        }
        let dot = self.replicas[who].head.as_ref().map_or(0, |(_, head)| sequence(head, actor)) + 1;
        let stamp = (time, actor, dot);
        let commit = Commit { seen, stamp, creates: base.is_none() && !clean, deletes: false };
        let base_known = if base.is_none() { 0 } else { seen };
        let places = self.placed(&lists, base_known, &committed.commit.dot, &committed.version)?;
        let removes = clean.then_some((Path::default(), Op::Remove));
        let known = head_known | self.oracle.add(commit, removes.into_iter().chain(ops).chain(places));
        self.arrive(who, known, committed.version)
    }

    fn plan(&self, base: Commits, head: Commits, actor: [u8; 12], new: &Val) -> Option<Planned> {
        let Val::List(values) = new else { panic!("{new:?} is no model") };
        let mut diff = Diff { oracle: &self.oracle, base, head, actor, ops: Vec::new(), lists: Vec::new() };
        diff.fields(&self.table.fields, Path::default(), values).ok().map(|()| (diff.ops, diff.lists))
    }

    fn delete(&mut self, who: usize, (known, head): (Commits, Version), rng: &mut Rng) -> Outcome {
        let wall = Nanotime::from_nanos(self.wall(who, rng));
        let older: Vec<_> = self.met.iter().filter(|(seen, _)| seen & !known == 0).collect();
        let (seen, base) =
            if rng.once_in(3) { older[rng.below(older.len())].clone() } else { (known, head.clone()) };
        let actor = self.replicas[who].actor;
        let clock = &mut self.replicas[who].clock;
        let mut author = Author { actor: ActorId::from_bytes(actor), clock, wall };
        let (version, made) = delete(&base, &head, &mut author).map_err(shown)?;
        self.tell(|_| format!("r{who} deletes, having seen {}", bits(seen)));
        let stamp = (made.time.as_nanos(), actor, made.dot.sequence);
        let commit = Commit { seen, stamp, creates: false, deletes: true };
        let known = known | self.oracle.add(commit, []);
        self.arrive(who, known, version)
    }

    fn merge(&mut self, who: usize, whom: usize) -> Outcome {
        let Some((their_known, theirs)) = self.replicas[whom].head.clone() else { return Ok(()) };
        self.tell(|_| format!("r{who} merges r{whom}"));
        let Some((known, ours)) = self.replicas[who].head.clone() else {
            return self.arrive(who, their_known, theirs);
        };
        let version = match ours.merge(&theirs).map_err(shown)? {
            Merged::Known => ours,
            Merged::Forward => theirs,
            Merged::Joined(version) => version,
        };
        self.arrive(who, known | their_known, version)
    }

    fn arrive(&mut self, who: usize, known: Commits, version: Version) -> Outcome {
        self.replicas[who].head = Some((known, version.clone()));
        self.tell(|world| {
            let value = (world.table.load)(&version);
            format!("    r{who} has seen {} and reads {value:?}", bits(known))
        });
        self.check(known, &version)?;
        self.check_against_another(known, &version)
    }

    fn tell(&mut self, line: impl FnOnce(&Self) -> String) {
        let Some(mut told) = self.told.take() else { return };
        told.push(line(self));
        self.told = Some(told);
    }
}

impl Oracle {
    fn add(&mut self, commit: Commit, ops: impl IntoIterator<Item = (Path, Op)>) -> Commits {
        let index = self.commits.len();
        self.commits.push(commit);
        self.writes.extend(ops.into_iter().map(|(path, op)| super::oracle::Write {
            commit: index,
            path,
            op,
        }));
        1 << index
    }
}

fn sequence(head: &Version, actor: [u8; 12]) -> u64 {
    head.context().get(&ActorId::from_bytes(actor)).map_or(0, |seen| seen.sequence)
}

fn written(any: bool) -> &'static str {
    if any { "made a version" } else { "made none" }
}

pub fn shown(error: dronestore::Error) -> String {
    format!("{:?}: {error}", error.kind())
}

/// A set of commits, as their numbers.
pub fn bits(commits: Commits) -> String {
    let all: Vec<String> = (0..64).filter(|bit| commits >> bit & 1 == 1).map(|bit| bit.to_string()).collect();
    format!("{{{}}}", all.join(","))
}
