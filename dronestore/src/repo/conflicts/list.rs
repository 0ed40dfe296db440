//! Listing conflicts: lazily, from the index.

use super::decisions::{self, Outcome};
use super::index::{Line, State, lines, split};
use super::{Resolution, View};
use crate::drone::Drone;
use crate::repo::{DatabaseId, Repo, rows};
use dronestore_core::store::{Cursor, Direction, Range};
use dronestore_core::strategy::Path;
use dronestore_core::version::{Commit, Contest, ContestSide};
use dronestore_core::{ActorId, Error, Hash, Key, Nanotime, Result, Value, Version};
use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// A place of an object where concurrent writes of different values stand.
#[derive(Clone)]
pub struct Conflict {
    pub(crate) version: Version,
    pub(crate) database: DatabaseId,
    pub(crate) contest: Contest,
    pub(crate) outcome: Option<Outcome>,
    /// Whether a version still reads as the model, where the model is known.
    pub(crate) check: Option<fn(&Version) -> Result<()>>,
}

impl Conflict {
    /// The object's key.
    pub fn key(&self) -> &Key {
        self.version.key()
    }

    /// The object's kind.
    pub fn kind(&self) -> &str {
        self.version.kind()
    }

    /// Where in the object: `phone`, `phones["home"]`, `address.street`.
    pub fn path(&self) -> &Path {
        &self.contest.path
    }

    /// The stored name of the object's attribute; empty for the `latest_object` group.
    pub fn attribute(&self) -> &str {
        self.contest.path.attribute()
    }

    /// The strategy, as in `#[merge(…)]`: `conflict`, `latest` or `latest_object`.
    pub fn strategy(&self) -> &str {
        &self.contest.strategy
    }

    /// All sides, in the order of (actor, sequence): value, stamp, actor and number of the commit.
    pub fn sides(&self) -> &[ContestSide] {
        &self.contest.sides
    }

    /// What it reads as: what was decided, or the newest side that no other's writer had read past.
    pub fn reads(&self) -> &Value {
        match &self.outcome {
            Some(outcome) => &outcome.value,
            None => &self.contest.sides[self.contest.newest].value,
        }
    }

    /// Whether it was decided, and in words by which votes or rule; always `None` under `latest`.
    pub fn decided(&self) -> Option<&str> {
        self.outcome.as_ref().map(|outcome| outcome.words.as_str())
    }

    /// When the newest side was written: since then it stands as it does.
    pub fn time(&self) -> Nanotime {
        self.contest.sides.iter().map(|side| side.time).max().unwrap_or(Nanotime::MIN)
    }

    /// The version in which the sides met. The versions that they come from are not kept: a repo keeps heads only; each
    /// side's dot is the name of its commit.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// What stood there before the sides parted, where history has it: a repo that keeps heads only has none.
    pub fn ancestor(&self) -> Option<&Value> {
        None
    }

    /// The name under which it is decided: equal wherever the same values of the same place meet.
    pub fn fingerprint(&self) -> Hash {
        self.contest.fingerprint
    }

    /// Decides it: see [`Repo::resolve`].
    ///
    /// # Errors
    /// As [`Repo::resolve`].
    pub fn resolve(&self, repo: &Repo, resolution: Resolution) -> Result<Commit> {
        repo.resolve(self, resolution)
    }
}

/// `/Person:jbenet phone: "1" or "2"`.
impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.key(), self.path())?;
        for (index, side) in self.sides().iter().enumerate() {
            write!(f, "{}{}", if index > 0 { " or " } else { "" }, side.value)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conflict")
            .field("version", &self.version.to_string())
            .field("path", self.path())
            .field("sides", &self.sides())
            .field("decided", &self.decided())
            .finish_non_exhaustive()
    }
}

impl Repo {
    /// The open conflicts of a kind: those of `conflict` fields that nobody has decided. In the order of keys.
    ///
    /// ```
    /// # use dronestore::{Drone, Repo, Resolution};
    /// # #[derive(Drone)] struct Person { #[merge(conflict)] phone: String }
    /// # let repo = Repo::memory()?;
    /// for conflict in repo.conflicts::<Person>()?.attribute("phone") {
    ///     let conflict = conflict?;
    ///     println!("{conflict}");
    ///     conflict.resolve(&repo, Resolution::Side(0))?;
    /// }
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Repo::view`]; [`Mismatch`](crate::ErrorKind::Mismatch) where another Rust type has this kind.
    ///
    /// Cost: what is contested, not what there is. The first call ever in a repo reads every object once and writes an
    /// index; from then on every saved object is looked at for concurrent values, some 0.1 µs, and costs one look into
    /// the index.
    pub fn conflicts<T: Drone>(&self) -> Result<Conflicts> {
        self.inner.models.check::<T>()?;
        let mut conflicts = Conflicts::new(self, Some(T::KIND))?;
        conflicts.check = Some(|version| dronestore_core::model::load::<T>(version).map(|_| ()));
        Ok(conflicts)
    }

    /// As [`Repo::conflicts`], of every kind; needs no Rust type.
    ///
    /// # Errors
    /// As [`Repo::view`].
    pub fn all_conflicts(&self) -> Result<Conflicts> {
        Conflicts::new(self, None)
    }
}

/// A walk over conflicts, with filters; see [`Repo::conflicts`].
#[must_use = "an iterator does nothing until it is asked"]
pub struct Conflicts {
    view: View,
    database: DatabaseId,
    cursor: Box<dyn Cursor>,
    found: VecDeque<Conflict>,
    now: Nanotime,
    state: State,
    attribute: Option<String>,
    actor: Option<ActorId>,
    until: Nanotime,
    since: Nanotime,
    check: Option<fn(&Version) -> Result<()>>,
}

impl fmt::Debug for Conflicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conflicts")
            .field("view", &self.view)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Conflicts {
    fn new(repo: &Repo, kind: Option<&str>) -> Result<Conflicts> {
        let view = repo.indexed_view()?;
        Ok(Conflicts {
            cursor: walk(&view, kind)?,
            view,
            database: repo.database(),
            found: VecDeque::new(),
            now: repo.inner.clock.now(),
            state: State::Open,
            attribute: None,
            actor: None,
            until: Nanotime::MAX,
            since: Nanotime::MIN,
            check: None,
        })
    }

    /// Of this kind only.
    ///
    /// # Errors
    /// As [`Repo::view`].
    pub fn kind(mut self, kind: &str) -> Result<Conflicts> {
        self.cursor = walk(&self.view, Some(kind))?;
        self.check = None;
        Ok(self)
    }

    /// Of this attribute only, by its stored name, and of what is below it.
    pub fn attribute(mut self, name: &str) -> Conflicts {
        self.attribute = Some(name.to_owned());
        self
    }

    /// Only those whose newest side is at least this old.
    pub fn older_than(mut self, age: Duration) -> Conflicts {
        self.until = before(self.now, age);
        self
    }

    /// Only those whose newest side is at most this old.
    pub fn younger_than(mut self, age: Duration) -> Conflicts {
        self.since = before(self.now, age);
        self
    }

    /// Only those of which this actor wrote a side.
    pub fn actor(mut self, actor: ActorId) -> Conflicts {
        self.actor = Some(actor);
        self
    }

    /// Those that were decided, in place of the open ones: a later write of the field ends them.
    pub fn decided(mut self) -> Conflicts {
        self.state = State::Decided;
        self
    }

    /// What lost a real concurrency under `latest` and `latest_object`, in place of open conflicts: listed until a
    /// later write has seen it.
    pub fn lost(mut self) -> Conflicts {
        self.state = State::Lost;
        self
    }

    /// How many there are.
    ///
    /// # Errors
    /// As [`Repo::view`].
    ///
    /// Cost: a walk over the index; with [`Conflicts::actor`] every contested object is read.
    pub fn count(mut self) -> Result<u64> {
        let mut count = 0;
        if self.actor.is_some() {
            for conflict in self {
                conflict?;
                count += 1;
            }
            return Ok(count);
        }
        while let Some((_, value)) = self.cursor.next()? {
            count += lines(value)?.iter().filter(|line| self.is_wanted(line)).count() as u64;
        }
        Ok(count)
    }

    fn is_wanted(&self, line: &Line) -> bool {
        let named = |name: &String| line.path.attribute() == name;
        line.state == self.state
            && self.attribute.as_ref().is_none_or(named)
            && (self.since..=self.until).contains(&line.time)
    }

    /// Reads objects until something is found; whether there is any more.
    fn advance(&mut self) -> Result<bool> {
        while self.found.is_empty() {
            let Some((row, value)) = self.cursor.next()? else { return Ok(false) };
            let lines = lines(value)?;
            let (kind, key) = split(row)?;
            let (kind, key) = (kind.to_owned(), Key::from_encoded(key)?);
            if lines.iter().any(|line| self.is_wanted(line)) {
                self.read(&kind, &key, &lines)?;
            }
        }
        Ok(true)
    }

    fn read(&mut self, kind: &str, key: &Key, lines: &[Line]) -> Result<()> {
        let missing = || Error::corrupt(format!("the index of conflicts names `{key}`, which is not there"));
        let version = self.view.version(kind, key)?.ok_or_else(missing)?;
        for contest in version.contests()? {
            let line = lines.iter().find(|line| line.path == contest.path);
            let by = |actor: &ActorId| contest.sides.iter().any(|side| side.dot.actor == *actor);
            if line.is_some_and(|line| self.is_wanted(line)) && self.actor.as_ref().is_none_or(by) {
                let outcome = decisions::outcome(&self.view, &version, &contest)?;
                let (version, database, check) = (version.clone(), self.database, self.check);
                self.found.push_back(Conflict { version, database, contest, outcome, check });
            }
        }
        Ok(())
    }
}

fn before(now: Nanotime, age: Duration) -> Nanotime {
    Nanotime::from_nanos(now.as_nanos().saturating_sub(u64::try_from(age.as_nanos()).unwrap_or(u64::MAX)))
}

fn walk(view: &View, kind: Option<&str>) -> Result<Box<dyn Cursor>> {
    let range = kind.map_or_else(rows::all_conflicts, rows::conflicts_of_kind);
    view.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)
}

impl Iterator for Conflicts {
    type Item = Result<Conflict>;

    fn next(&mut self) -> Option<Result<Conflict>> {
        match self.advance() {
            Ok(_) => self.found.pop_front().map(Ok),
            Err(error) => Some(Err(error)),
        }
    }
}
