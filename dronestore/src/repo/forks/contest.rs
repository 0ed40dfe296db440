//! Contest: two versions meet that name different writes alike, and nobody here can give the one's another name: the same
//! one stands wherever they meet, and the other is kept aside.

use crate::repo::merge::MergeReport;
use crate::repo::rows;
use crate::repo::transaction::Transaction;
use dronestore_core::version::settle;
use dronestore_core::{ActorId, Hash, Result, Version};

impl Transaction<'_> {
    /// Merges two versions that fork; what is not part of the result is kept aside.
    pub(in crate::repo) fn contest(
        &mut self,
        row: Vec<u8>,
        before: Option<Hash>,
        ours: &Version,
        theirs: &Version,
        actor: Option<&ActorId>,
    ) -> Result<MergeReport> {
        let mut report = MergeReport::default();
        // What has no join even so stays as it is.
        let settled = settle(ours, theirs, actor).ok().flatten();
        let mut is_new = false;
        for (version, is_lost) in [
            (ours, settled.as_ref().is_some_and(|settled| settled.ours_lost)),
            (theirs, settled.as_ref().is_none_or(|settled| settled.theirs_lost)),
        ] {
            is_new |= is_lost && self.set_aside(version)?;
        }
        let version = settled.map_or_else(|| ours.clone(), |settled| settled.version);
        if before != Some(version.hash()) {
            self.stage(row, &version, before, None)?;
            report.merged = usize::from(version != *ours);
            report.concurrent = usize::from(version.has_concurrent_values().unwrap_or_default());
            report.conflicts = usize::from(self.ask(&version, Some(ours))? && report.merged > 0);
        }
        match is_new {
            true => report.forked.push(theirs.key().clone()),
            false => report.known = usize::from(report.merged == 0),
        }
        Ok(report)
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
