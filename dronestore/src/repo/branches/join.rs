//! Joining: a branch into the repo, what is newer in the repo into a branch, and the end of a branch.

use super::handle::{Branch, BranchInfo};
use super::record::{self, Record, Touched};
use crate::random::random_actor;
use crate::repo::transaction::Transaction;
use crate::repo::watch::Cause;
use crate::repo::{MergeReport, decisions_kind};
use dronestore_core::version::{Merged, common, must_settle};
use dronestore_core::{ActorId, ErrorKind, Result, Version};

impl Branch {
    /// Merges what the branch has touched into the repo, all of it in one durable batch or nothing: each object as if it came
    /// from another replica, by the rules of its fields. Concurrent writes of `conflict` fields are listed by
    /// [`Repo::conflicts`](crate::Repo::conflicts), as ever.
    ///
    /// Then the branch has nothing of its own and reads as the repo does; it may go on. Merging it again moves nothing. Unlike a
    /// merge of another replica it is refused where it brings a `unique` value that another object is known to have: here
    /// the value can still be changed, on the branch.
    ///
    /// What was merged is told as merged by watches and histories, and is not undone by undo logs.
    ///
    /// # Errors
    /// As [`Repo::save`](crate::Repo::save) and [`Branch::info`]; [`Taken`](ErrorKind::Taken) for a `unique` value. A failed merge changes
    /// nothing.
    ///
    /// Cost: as merging so many objects from a replica, whatever else the repo holds; all of them are in memory at once.
    pub fn merge(&self) -> Result<MergeReport> {
        self.repo.attempt(|| self.repo.write(|transaction| transaction.merge_branch(self)))
    }

    /// Merges what is newer in the repo into the objects that the branch has touched, in one durable batch; what it has not
    /// touched is up to date anyway. An object to which the branch has nothing to add any more is let go of, and reads as the repo's.
    ///
    /// The report counts these as forwarded, and as merged those in which each side had something. A version
    /// that has no join with the repo's stays as it is and is named as forked.
    ///
    /// # Errors
    /// As [`Branch::merge`].
    ///
    /// Cost: as [`Branch::merge`].
    pub fn catch_up(&self) -> Result<MergeReport> {
        self.repo.attempt(|| self.transaction(|transaction| transaction.catch_up()))
    }

    /// Ends the branch: what it has touched and nobody merged is gone, in one durable batch. Says what it was.
    ///
    /// A branch that is made under its name later is another one, with another actor. Handles that were read here keep what they
    /// have.
    ///
    /// # Errors
    /// As [`Branch::merge`]. Cost: a row for each touched object.
    pub fn discard(&self) -> Result<BranchInfo> {
        self.repo.attempt(|| {
            self.repo.write(|transaction| {
                let record = self.record(&*transaction.snapshot)?;
                let info = BranchInfo::of(self.name.to_string(), &record, &*transaction.snapshot)?;
                for touched in record::touched(&record, &*transaction.snapshot)? {
                    transaction.index.insert(touched.row, None);
                }
                transaction.index.insert(record::row_of(&self.name), None);
                Ok(info)
            })
        })
    }
}

impl Transaction<'_> {
    fn merge_branch(&mut self, branch: &Branch) -> Result<MergeReport> {
        let mut record = branch.record(&*self.snapshot)?;
        let mut touched = record::touched(&record, &*self.snapshot)?;
        // Decisions come before all that they decide about.
        touched.sort_by_key(|touched| touched.kind != decisions_kind());
        self.cause = Cause::Merge;
        let mut report = MergeReport::default();
        for Touched { row, head, key, bytes, .. } in touched {
            let version = self.read_head(&key, bytes)?;
            let standing = self.stored(&head, &key)?;
            report.add(match standing {
                Some(standing) if is_another((&record, &self.writer.home.actor), &version, &standing)? => {
                    let (before, actor) = (Some(standing.hash()), Some(&record.actor));
                    self.contest(head.clone(), before, &standing, &version, actor, MergeReport::default())?
                }
                _ => self.merge_from(&version, None)?,
            });
            self.note_own(&head);
            self.index.insert(row, None);
        }
        if !report.forked.is_empty() {
            // What was set aside is not part of what the branch goes on from: its dots must not be made again.
            record.actor = random_actor()?;
            self.extra.insert(record::row_of(&branch.name), record.encode());
        }
        Ok(report)
    }

    /// On a branch: takes the repo's versions into those of the branch.
    fn catch_up(&mut self) -> Result<MergeReport> {
        let mut report = MergeReport::default();
        let Some(on) = &self.on_branch else { return Ok(report) };
        let (below, record) = (self.repo.inner.store.snapshot()?, on.record.clone());
        for Touched { row, head, key, bytes, .. } in record::touched(&record, &*self.snapshot)? {
            let ours = self.read_head(&key, bytes)?;
            let Some(theirs) = below.get(&head)? else {
                report.known += 1;
                continue;
            };
            let theirs = self.read_head(&key, theirs)?;
            let is_another = is_another((&record, &self.writer.home.actor), &ours, &theirs)?;
            match if is_another { None } else { meet(&ours, &theirs)? } {
                None => report.forked.push(key),
                Some(_) if theirs == ours => {
                    report.known += 1;
                    self.index.insert(row, None);
                }
                Some(Merged::Known) => report.known += 1,
                Some(Merged::Forward) => {
                    report.forwarded += 1;
                    self.index.insert(row, None);
                }
                Some(Merged::Joined(version)) => {
                    report.merged += 1;
                    report.concurrent += usize::from(version.has_concurrent_values()?);
                    report.conflicts += usize::from(self.ask(&version, None)?);
                    self.stage(head, &version, Some(ours.hash()), None)?;
                }
            }
        }
        Ok(report)
    }
}

/// What two versions come to; `None` where they fork.
pub(super) fn meet(ours: &Version, theirs: &Version) -> Result<Option<Merged>> {
    match ours.merge(theirs) {
        Ok(merged) if must_settle(ours, theirs, &merged)? => Ok(None),
        Ok(merged) => Ok(Some(merged)),
        Err(error) if error.kind() == ErrorKind::Forked || error.is_corrupt() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether somebody else is seen to go on under a branch's actor: what stands in the repo bears other commits under its name than
/// the branch's own version. Where the repo is known to be a copy the branch takes another actor before it writes: then what
/// others do as the earlier one is in nobody's way.
pub(super) fn is_another(
    (record, repo): (&Record, &ActorId),
    own: &Version,
    standing: &Version,
) -> Result<bool> {
    let actor = &record.actor;
    if record.owner != *repo {
        return Ok(false);
    }
    let (Some(ours), Some(theirs)) = (own.seen(actor), standing.seen(actor)) else { return Ok(false) };
    if ours == theirs {
        return Ok(false);
    }
    let common = common(std::slice::from_ref(own), standing, actor)?;
    // The repo never has more of a branch's commits than the branch: where it does, what is not seen to be shared may be lost.
    Ok(common.forked.is_some() || ours.sequence < theirs.sequence && common.shared < ours.sequence)
}
