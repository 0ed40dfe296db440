//! Merging into a repo: a version, a handle, all of another repo.

use super::arrivals::{Base, NO_REPLICAS};
use super::conflicts::decisions::Decision;
use super::forks::Meeting;
use super::iterate::{Head, next_head};
use super::schemas::stored_schemas;
use super::shapes::head_hash;
use super::transaction::Transaction;
use super::view::View;
use super::watch::Cause;
use super::{Repo, rows};
use crate::drone::Drone;
use crate::versioned::{MergeInput, Versioned};
use dronestore_core::model::Model;
use dronestore_core::store::{Cursor, Direction, Range};
use dronestore_core::version::{Merged, must_settle};
use dronestore_core::{Error, ErrorKind, Key, Result, Version};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// How many objects of another repo are merged in one batch.
const BATCH: usize = 1000;

/// What a merge came to, object by object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MergeReport {
    /// Objects that were not here.
    pub new: usize,
    /// Objects of which the other side had seen all that is here: taken as they are.
    pub forwarded: usize,
    /// Objects of which each side had something new.
    pub merged: usize,
    /// Objects of which the other side had nothing new.
    pub known: usize,
    /// Merged objects in which several concurrent writes now stand at one place, whatever their strategy.
    pub concurrent: usize,
    /// Merged objects in which a `conflict` field waits for a decision.
    pub conflicts: usize,
    /// Objects of which a version was set aside: the sides bear one dot for two writes and could not be healed, or have
    /// no join for another reason. Of two that fork the same one stands everywhere, joined with what others wrote onto
    /// the other where that can be. What comes back later under a new name is let go of again. Where it cannot be told
    /// whether the other side holds what was written here before the repo was opened, or some of what was counted since,
    /// it is merged, and what stood here is set aside.
    pub forked: Vec<Key>,
}

impl MergeReport {
    /// Whether anything came that was not known.
    pub fn has_news(&self) -> bool {
        self.new + self.forwarded + self.merged > 0
    }

    pub(crate) fn add(&mut self, other: MergeReport) {
        self.new += other.new;
        self.forwarded += other.forwarded;
        self.merged += other.merged;
        self.known += other.known;
        self.concurrent += other.concurrent;
        self.conflicts += other.conflicts;
        self.forked.extend(other.forked);
    }
}

/// `3 new, 2 forwarded, 1 merged, 90 known; 1 in conflict`.
impl fmt::Display for MergeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MergeReport { new, forwarded, merged, known, .. } = self;
        write!(f, "{new} new, {forwarded} forwarded, {merged} merged, {known} known")?;
        if self.conflicts > 0 {
            write!(f, "; {} in conflict", self.conflicts)?;
        }
        if !self.forked.is_empty() {
            write!(f, "; {} forked and set aside", self.forked.len())?;
        }
        Ok(())
    }
}

/// What [`Repo::merge`] takes: a handle, a version, another repo in this process.
pub trait MergeSource {
    /// Merges this into the repo.
    ///
    /// # Errors
    /// As [`Repo::merge`].
    fn merge_into(&self, repo: &Repo) -> Result<MergeReport>;
}

impl MergeSource for Version {
    fn merge_into(&self, repo: &Repo) -> Result<MergeReport> {
        repo.attempt(|| repo.write(|transaction| transaction.merge(self)))
    }
}

impl<T: Drone> MergeSource for Versioned<T> {
    fn merge_into(&self, repo: &Repo) -> Result<MergeReport> {
        self.to_merge()?.merge_into(repo)
    }
}

impl MergeSource for Repo {
    fn merge_into(&self, repo: &Repo) -> Result<MergeReport> {
        if Arc::ptr_eq(&self.inner, &repo.inner) {
            return Ok(MergeReport::default());
        }
        let (database, objects, hash) = {
            let theirs = self.totals();
            (theirs.database, theirs.meta.objects, theirs.meta.hash())
        };
        let ours = (repo.database(), repo.len(), repo.hash());
        if ours.0 != database && ours.1 > 0 {
            return Err(Error::new(
                ErrorKind::Mismatch,
                format!("database {database} does not merge into database {}: {NO_REPLICAS}", ours.0),
            ));
        }
        if (ours.1, ours.2) == (objects, hash) && ours.0 == database {
            return Ok(MergeReport { known: objects as usize, ..MergeReport::default() });
        }
        self.give_away();
        merge_all(repo, self.view()?, Some(database))
    }
}

/// Walks both repos' heads side by side and merges those that differ.
fn merge_all(repo: &Repo, theirs: View, database: Option<super::DatabaseId>) -> Result<MergeReport> {
    let mut differing = Differing::new(repo.view()?, theirs)?;
    let mut report = MergeReport::default();
    let mut extra = Vec::new();
    for (row, bytes) in stored_schemas(&differing.theirs)? {
        if differing.ours.snapshot.get(&row)?.is_none() {
            extra.push((row, bytes));
        }
    }
    loop {
        let batch = differing.next_batch()?;
        let is_first = report == MergeReport::default();
        if batch.is_empty() && !(is_first && joins(repo, database)) {
            report.known += differing.same;
            return Ok(report);
        }
        let part = repo.attempt(|| {
            repo.write(|transaction| {
                transaction.exchanges = true;
                transaction.cause = Cause::Merge;
                if let Some(database) = database.filter(|_| transaction.writer.meta.objects == 0) {
                    transaction.join_database(database);
                }
                let mut part = MergeReport::default();
                for version in &batch {
                    part.add(transaction.merge(version)?);
                }
                if part.has_news() {
                    transaction.extra.extend(extra.iter().cloned());
                }
                Ok(part)
            })
        })?;
        report.add(part);
    }
}

/// Whether a repo is yet to join this database: it is empty and of another.
fn joins(repo: &Repo, database: Option<super::DatabaseId>) -> bool {
    repo.is_empty() && database.is_some_and(|database| database != repo.database())
}

pub(crate) fn merge_foreign(repo: &Repo, other: &Repo) -> Result<MergeReport> {
    if Arc::ptr_eq(&other.inner, &repo.inner) {
        return Ok(MergeReport::default());
    }
    other.give_away();
    merge_all(repo, other.view()?, None)
}

type Walks = (Box<dyn Cursor>, Box<dyn Cursor>);

fn walks(ours: &View, theirs: &View, range: &std::ops::Range<Vec<u8>>) -> Result<Walks> {
    let walk = |view: &View| view.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward);
    Ok((walk(ours)?, walk(theirs)?))
}

/// Their versions that we do not have, by a walk over both repos' heads.
struct Differing {
    ours: View,
    theirs: View,
    our_walk: Box<dyn Cursor>,
    their_walk: Box<dyn Cursor>,
    our_head: Option<Head>,
    same: usize,
    /// Whether decisions are walked over: they come before all that they decide about.
    in_decisions: bool,
}

impl Differing {
    fn new(ours: View, theirs: View) -> Result<Differing> {
        let range = rows::heads_of_kind(Decision::KIND);
        let (our_walk, their_walk) = walks(&ours, &theirs, &range)?;
        let mut differing =
            Differing { ours, theirs, our_walk, their_walk, our_head: None, same: 0, in_decisions: true };
        differing.our_head = next_head(&mut *differing.our_walk)?;
        Ok(differing)
    }

    fn next_head(&mut self) -> Result<Option<Head>> {
        loop {
            match next_head(&mut *self.their_walk)? {
                // Their turn was before.
                Some(head) if !self.in_decisions && head.kind == Decision::KIND => continue,
                None if self.in_decisions => {
                    let all = rows::all(rows::HEADS);
                    (self.our_walk, self.their_walk) = walks(&self.ours, &self.theirs, &all)?;
                    self.our_head = next_head(&mut *self.our_walk)?;
                    self.in_decisions = false;
                }
                head => return Ok(head),
            }
        }
    }

    fn next_batch(&mut self) -> Result<Vec<Version>> {
        let mut batch = Vec::new();
        while batch.len() < BATCH {
            let Some(head) = self.next_head()? else { break };
            if self.is_known(&head)? {
                self.same += 1;
            } else {
                batch.push(self.theirs.read_head(head.key, head.bytes)?);
            }
        }
        Ok(batch)
    }

    fn is_known(&mut self, theirs: &Head) -> Result<bool> {
        while let Some(ours) = &self.our_head {
            let order = (ours.kind.as_str(), &ours.key).cmp(&(theirs.kind.as_str(), &theirs.key));
            if order == Ordering::Greater {
                return Ok(false);
            }
            let known = order == Ordering::Equal && head_hash(&ours.bytes)? == head_hash(&theirs.bytes)?;
            self.our_head = next_head(&mut *self.our_walk)?;
            if order == Ordering::Equal {
                return Ok(known);
            }
        }
        Ok(false)
    }
}

impl Transaction<'_> {
    /// Merges a version into what stands there.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt) where either side's bytes are damaged.
    pub fn merge(&mut self, theirs: &Version) -> Result<MergeReport> {
        if self.cause == Cause::Local {
            self.merged.insert(rows::head(theirs.kind(), theirs.key()));
        }
        self.merge_from(theirs, None)
    }

    /// As [`Transaction::merge`], where it may be known from what it came.
    pub(crate) fn merge_from(&mut self, theirs: &Version, came_of: Option<&Base>) -> Result<MergeReport> {
        let mut report = MergeReport::default();
        let row = rows::head(theirs.kind(), theirs.key());
        let stored = self.stored(&row, theirs.key())?;
        let before = stored.as_ref().map(Version::hash);
        let came_of = came_of.filter(|base| before == Some(base.hash));
        let mut is_next = false;
        let (ours, theirs) = match self.meet(&row, stored.as_ref(), theirs)? {
            Meeting::Plain => {
                is_next = came_of.is_some_and(|base| base.is_next);
                (stored, Cow::Borrowed(theirs))
            }
            Meeting::Instead { ours, theirs, keeps } => {
                if let Some(stored) = stored.as_ref().filter(|_| keeps) {
                    report.forked.push(theirs.key().clone());
                    self.set_aside(stored)?;
                }
                (ours, Cow::Owned(theirs))
            }
            Meeting::Contest(actor) => {
                let theirs = self.under_new_names(theirs)?.map_or(Cow::Borrowed(theirs), Cow::Owned);
                let Some(ours) = stored else {
                    report.forked.push(theirs.key().clone());
                    self.set_aside(&theirs)?;
                    return Ok(report);
                };
                return self.contest(row, before, &ours, &theirs, Some(&actor), report);
            }
        };
        let theirs = &*theirs;
        let Some(ours) = ours else {
            report.new = 1;
            self.stage(row, theirs, None, None)?;
            if self.repo.has_resolver() {
                self.ask(theirs, None)?;
            }
            return Ok(report);
        };
        let looked_at = |merged: Merged| match &merged {
            _ if must_settle(&ours, theirs, &merged)? => Ok(None),
            Merged::Joined(version) => {
                version.has_concurrent_values().map(|concurrent| Some((merged, concurrent)))
            }
            _ => Ok(Some((merged, false))),
        };
        let merged =
            if is_next { Ok(Some((Merged::Forward, false))) } else { ours.merge(theirs).and_then(looked_at) };
        let version = match merged {
            Ok(Some((Merged::Known, _))) => {
                report.known = 1;
                return Ok(report);
            }
            Ok(Some((Merged::Forward, _))) => {
                report.forwarded = 1;
                theirs.clone()
            }
            Ok(Some((Merged::Joined(version), concurrent))) => {
                report.merged = 1;
                report.concurrent = usize::from(concurrent);
                version
            }
            Ok(None) => return self.contest(row, before, &ours, theirs, None, report),
            // One object that cannot be joined keeps no other from arriving.
            Err(error) if error.kind() == ErrorKind::Forked || error.is_corrupt() => {
                return self.contest(row, before, &ours, theirs, None, report);
            }
            Err(error) => return Err(error),
        };
        let written: Option<Vec<&str>> = came_of.map(|base| base.delta.attributes().collect());
        self.stage(row, &version, before, written.as_deref())?;
        if report.merged > 0 || self.repo.has_resolver() {
            report.conflicts = usize::from(self.ask(&version, Some(&ours))? && report.merged > 0);
        }
        Ok(report)
    }
}
