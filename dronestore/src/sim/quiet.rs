//! The end of a schedule: nothing fails any more, all meet, and then the laws are asked.

use super::failure::{Found, Outcome};
use super::oracle::{AGREE, Heads};
use super::play::{Play, READS, unread};
use super::tell::letter;
use crate::Version;

const IDLE: &str = "when all agree, meeting again moves nothing and writes nothing";
const SOUND: &str = "every repo verifies";

impl Play<'_> {
    pub(super) fn quiet(&mut self) -> Outcome {
        self.links.clear();
        self.sides = 0;
        for who in 0..self.replicas.len() {
            if self.replicas[who].faulty.is_dead() {
                self.stop(who);
            }
            self.replicas[who].disarm();
            self.up(who)?;
        }
        for _ in 0..2 {
            for who in 1..self.replicas.len() {
                self.sync([0, who])?;
            }
        }
        let heads = self.stands()?;
        self.agree(&heads)?;
        self.oracle.check(&heads)?;
        self.report.versions = heads.iter().map(|heads| heads.len() as u64).sum();
        self.idle()?;
        self.sound()
    }

    /// All hold the same, byte for byte.
    fn agree(&mut self, heads: &[Heads]) -> Outcome {
        let Some((first, others)) = heads.split_first() else { return Ok(()) };
        let differ = |who: usize, seen: String| {
            Err(Found::new(AGREE, format!("after all have met, {} and a: {seen}", letter(who))))
        };
        for (number, theirs) in others.iter().enumerate() {
            let who = number + 1;
            for object in first.keys().chain(theirs.keys()).filter(|(_, key)| !self.aside.contains(key)) {
                match (first.get(object), theirs.get(object)) {
                    (Some(ours), Some(theirs)) if !same(ours, theirs) => {
                        return differ(who, format!("{theirs} and {ours}"));
                    }
                    (Some(_), None) | (None, Some(_)) => {
                        return differ(who, format!("only one has `{}`", object.1));
                    }
                    _ => {}
                }
            }
        }
        if !self.aside.is_empty() {
            return Ok(());
        }
        let hashes: Vec<_> =
            (0..self.replicas.len()).map(|who| Ok(self.up(who)?.repo.hash())).collect::<Outcome<_>>()?;
        match hashes.iter().position(|hash| *hash != hashes[0]) {
            Some(who) => differ(who, "the hashes of the repos".to_owned()),
            None => Ok(()),
        }
    }

    /// Meeting again is for nothing.
    fn idle(&mut self) -> Outcome {
        if !self.aside.is_empty() {
            return Ok(());
        }
        let count = self.replicas.len();
        let writes = |play: &Self| play.replicas.iter().map(|replica| replica.faulty.applies()).sum::<u64>();
        let before = writes(self);
        for who in 0..count {
            let other = (who + 1) % count;
            if who == other {
                continue;
            }
            let report = self.sync([who, other])?;
            if report.sent > 0 || report.received.has_news() || report.received.known > 0 {
                return Err(Found::new(IDLE, format!("{} met {}: {report}", letter(who), letter(other))));
            }
        }
        if writes(self) != before {
            return Err(Found::new(IDLE, format!("{} batches were written", writes(self) - before)));
        }
        Ok(())
    }

    fn sound(&mut self) -> Outcome {
        for who in 0..self.replicas.len() {
            let running = self.up(who)?;
            let verified = running.repo.verify().map_err(|error| Found::new(SOUND, error))?;
            if verified.forked > 0 && !self.oracle.is_blind {
                return Err(Found::new(SOUND, format!("{}: {verified}", letter(who))));
            }
            let Some(age) = self.replicas[who].age else { continue };
            for ages in self.parts.kinds {
                let age = ages.get(age.min(ages.len() - 1)).or(ages.last());
                if let Some(age) = age {
                    age.read_all(&running.repo).map_err(|error| Found::new(READS, unread(error).seen))?;
                }
            }
        }
        Ok(())
    }
}

fn same(ours: &Version, theirs: &Version) -> bool {
    let bytes = |version: &Version| (version.hash(), version.state_bytes().to_vec());
    ours.shape().hash() == theirs.shape().hash() && bytes(ours) == bytes(theirs)
}
