//! Moment: a version of an object, or a time; and what stood there then.

use super::policy::Policies;
use super::run::{Run, Runs};
use crate::repo::iterate::next_head;
use crate::repo::{Repo, View, rows};
use dronestore_core::store::{Direction, Range};
use dronestore_core::{Error, ErrorKind, Hash, Key, Nanotime, Result, Version};
use std::fmt;

/// A moment of an object's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// When this version came to stand here, by its hash.
    Version(Hash),
    /// This time, by the clock of this repo: what came from elsewhere stands here from when it came.
    Time(Nanotime),
}

impl From<Hash> for Moment {
    fn from(hash: Hash) -> Self {
        Moment::Version(hash)
    }
}

impl From<&Version> for Moment {
    fn from(version: &Version) -> Self {
        Moment::Version(version.hash())
    }
}

impl From<Nanotime> for Moment {
    fn from(time: Nanotime) -> Self {
        Moment::Time(time)
    }
}

/// `at version 1f9c02aa`, `at 2026-11-21T21:15:09Z`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::Version(hash) => write!(f, "at version {hash:.8}"),
            Moment::Time(time) => write!(f, "at {time}"),
        }
    }
}

impl Repo {
    /// The time by this repo's clock, for [`Repo::at`] and [`Find::at`](crate::Find::at): no commit of this repo has a later
    /// stamp.
    ///
    /// A hybrid clock is ahead of the wall clock where several commits fall on one instant, and where the wall clock was set back:
    /// the wall clock's own time may then be before what was just committed.
    ///
    /// ```
    /// # use dronestore::{Drone, History, Repo};
    /// # #[derive(Drone)] struct Page { #[merge(counter)] visits: u64 }
    /// let repo = Repo::builder().history::<Page>(History::Full).open()?;
    /// repo.put("home", Page { visits: 1 })?;
    /// let then = repo.now();
    /// repo.update::<Page>("home", |page| Ok(page.visits += 1))?;
    /// assert_eq!(repo.at::<Page>("home", then)?.expect("it was there").visits, 1);
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    pub fn now(&self) -> Nanotime {
        self.inner.clock.now().max(self.totals().meta.time)
    }
}

impl View {
    /// A repo in memory with the objects of a kind as they stood then.
    pub(in crate::repo) fn as_it_stood(&self, kind: &str, time: Nanotime) -> Result<Repo> {
        let (then, keeps) = (Repo::memory()?, self.keeps_history(kind)?);
        let range = rows::heads_of_kind(kind);
        let mut cursor = self.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
        then.write(|transaction| {
            while let Some(found) = next_head(&mut *cursor)? {
                let (key, head) = (found.key.clone(), self.read_head(found.key, found.bytes)?);
                let mut runs = Runs::told(&*self.snapshot, (kind, &key), Some(head.hash()), keeps)?;
                if let Some(version) = version_at(Some(head), &mut runs, &key, Moment::Time(time))? {
                    transaction.merge(&version)?;
                }
            }
            Ok(())
        })?;
        Ok(then)
    }

    /// Whether a history of a kind is kept: what is there of one that is not was to be swept.
    pub(super) fn keeps_history(&self, kind: &str) -> Result<bool> {
        Ok(!Policies::read(&*self.snapshot)?.of(kind).history.is_head())
    }
}

/// What stood there then, by the head and the runs before it.
pub(super) fn version_at(
    head: Option<Version>,
    runs: &mut Runs,
    key: &Key,
    moment: Moment,
) -> Result<Option<Version>> {
    match moment {
        Moment::Version(hash) => with_hash(head, runs, key, hash).map(Some),
        Moment::Time(time) => at_time(head, runs, key, time),
    }
}

fn with_hash(head: Option<Version>, runs: &mut Runs, key: &Key, hash: Hash) -> Result<Version> {
    if let Some(head) = head.filter(|head| head.hash() == hash) {
        return Ok(head);
    }
    let mut since = None;
    while let Some(run) = runs.next()? {
        let mut found = run.base(key)?.filter(|base| base.hash() == hash);
        run.replay(key, run.entries.len(), |_, _, (version, _)| {
            if version.hash() == hash {
                found = Some(version.clone());
            }
            Ok(())
        })?;
        if let Some(found) = found {
            return Ok(found);
        }
        since = run.entries.first().map(|entry| entry.time).or(since);
    }
    Err(too_far(key, Moment::Version(hash), since))
}

fn at_time(head: Option<Version>, runs: &mut Runs, key: &Key, time: Nanotime) -> Result<Option<Version>> {
    let mut oldest: Option<Run> = None;
    while let Some(run) = runs.next()? {
        let count = run.entries.partition_point(|entry| entry.time <= time);
        if count > 0 {
            return run.replay(key, count, |_, _, _| Ok(()));
        }
        oldest = Some(run);
    }
    // What stood there before anything that is kept: by its own stamps it may have stood there then.
    let (before, since) = match oldest {
        Some(run) => (run.base(key)?, run.entries.first().map(|entry| entry.time)),
        None => (head, None),
    };
    match before {
        None => Ok(None),
        Some(before) if before.committed() <= time => Ok(Some(before)),
        // It was not there at all yet.
        Some(before) if before.created() > time => Ok(None),
        Some(_) => Err(too_far(key, Moment::Time(time), since)),
    }
}

#[cold]
fn too_far(key: &Key, moment: Moment, since: Option<Nanotime>) -> Error {
    let kept = match since {
        Some(since) => format!("it is kept since {since}"),
        None => "none is kept".to_owned(),
    };
    let message = format!("the history of `{key}` does not tell what stood there {moment}: {kept}");
    Error::new(ErrorKind::NotFound, message)
}
