//! Contest: two versions meet that name different writes alike, and nobody here can give the one's another name: the same
//! one stands wherever they meet, and the other is kept aside.

use crate::repo::merge::MergeReport;
use crate::repo::rows;
use crate::repo::transaction::Transaction;
use crate::versioned::refuse_forked;
use dronestore_core::store::{Direction, Range};
use dronestore_core::version::{Settled, came_back, settle};
use dronestore_core::{ActorId, Hash, Result, Version};

impl Transaction<'_> {
    /// Merges two versions that fork; what is not part of the result is kept aside. The report goes on.
    pub(in crate::repo) fn contest(
        &mut self,
        row: Vec<u8>,
        before: Option<Hash>,
        ours: &Version,
        theirs: &Version,
        actor: Option<&ActorId>,
        mut report: MergeReport,
    ) -> Result<MergeReport> {
        if self.on_branch.is_some() {
            return Err(refuse_forked(theirs));
        }
        // Of damaged ones what is here stays as it is.
        let settled = settle(ours, theirs, actor).unwrap_or_else(|_| Settled {
            version: ours.clone(),
            ours_lost: false,
            theirs_lost: true,
        });
        let mut is_new = false;
        for (version, is_lost) in [(ours, settled.ours_lost), (theirs, settled.theirs_lost)] {
            is_new |= is_lost && self.set_aside(version)?;
        }
        let version = settled.version;
        if before != Some(version.hash()) {
            // What this actor wrote is not part of it: another goes on, lest one name be two writes.
            let last = |version: &Version| {
                version.seen(&self.writer.home.actor).map(|seen| (seen.sequence, seen.tag))
            };
            if last(ours).is_some_and(|ours| last(&version).is_none_or(|now| now < ours)) {
                self.leave_actor()?;
            }
            self.hand_over(&row, ours, &version);
            self.part_branches(ours, &version)?;
            self.let_go(&version)?;
            self.stage(row, &version, before, None)?;
            report.merged = usize::from(version != *ours);
            report.concurrent = usize::from(version.has_concurrent_values().unwrap_or_default());
            report.conflicts = usize::from(self.ask(&version, Some(ours))? && report.merged > 0);
        }
        if is_new && report.forked.is_empty() {
            report.forked.push(theirs.key().clone());
        }
        report.known = usize::from(report.forked.is_empty() && report.merged == 0);
        Ok(report)
    }

    /// Lets go of what was set aside and is part of what stands now, under another name.
    fn let_go(&mut self, standing: &Version) -> Result<()> {
        let first = rows::fork(standing.kind(), standing.key(), &Hash::ZERO);
        let last = rows::fork(standing.kind(), standing.key(), &Hash::from_bytes([0xff; Hash::LENGTH]));
        let mut gone = Vec::new();
        let mut cursor = self.snapshot.scan(Range::between(&first, &last), Direction::Forward)?;
        while let Some((row, bytes)) = cursor.next()? {
            if came_back(&Version::from_bytes(bytes)?, standing)? {
                gone.push(row.to_vec());
            }
        }
        drop(cursor);
        self.index.extend(gone.into_iter().map(|row| (row, None)));
        Ok(())
    }

    /// Keeps a version that is not joined; says whether it is not kept yet.
    pub(in crate::repo) fn set_aside(&mut self, version: &Version) -> Result<bool> {
        let aside = rows::fork(version.kind(), version.key(), &version.hash());
        let is_new = self.snapshot.get(&aside)?.is_none() && !self.extra.contains_key(&aside);
        if is_new {
            self.extra.insert(aside, version.to_bytes());
        }
        Ok(is_new)
    }
}
