//! Files that are copied away, put back, and put in the place of others.

use super::disk::{Marks, Pairs};
use super::failure::{Found, Outcome};
use super::oracle::Heads;
use super::play::{Play, unread};
use super::tell::Told;

const PUT_BACK: &str = "a file can be put back";

impl Play<'_> {
    pub(super) fn back_up(&mut self, who: usize) -> Outcome {
        self.up(who)?;
        self.did(|told| told.back_up(who));
        let replica = &mut self.replicas[who];
        let pairs = replica.disk.pairs().map_err(unread)?;
        replica.backup = Some((pairs, replica.disk.marks()));
        Ok(())
    }

    pub(super) fn restore(&mut self, who: usize, whole: bool) -> Outcome {
        let Some((pairs, marks)) = self.replicas[who].backup.clone() else { return Ok(()) };
        self.oracle.is_blind |= whole;
        self.put(who, &pairs, whole.then_some(marks), |told| told.restore(who, whole))
    }

    pub(super) fn copy(&mut self, who: usize, whom: usize) -> Outcome {
        if who == whom {
            return Ok(());
        }
        self.up(whom)?;
        let theirs = &self.replicas[whom].disk;
        let (pairs, marks) = (theirs.pairs().map_err(unread)?, theirs.marks());
        // What stands beside a file is copied with it; where it is, is not.
        self.put(who, &pairs, Some(marks), |told| told.copy(who, whom))
    }

    fn put(
        &mut self,
        who: usize,
        pairs: &Pairs,
        marks: Option<Marks>,
        line: impl FnOnce(&mut Told),
    ) -> Outcome {
        let before = self.stands()?;
        self.oracle.check(&before)?;
        self.did(line);
        self.report.restored += 1;
        self.stop(who);
        let content = (self.parts.store)();
        let replica = &mut self.replicas[who];
        replica.disarm();
        replica.acked.clear();
        replica.disk.replace(content, pairs).map_err(|error| Found::new(PUT_BACK, error))?;
        if let Some(marks) = marks {
            replica.disk.set_marks(marks);
        }
        let after = self.stands()?;
        self.oracle.forgive(&after)
    }

    /// What stands on all disks.
    pub(super) fn stands(&mut self) -> Outcome<Vec<Heads>> {
        (0..self.replicas.len()).map(|who| self.up(who)?.heads()).collect()
    }
}
