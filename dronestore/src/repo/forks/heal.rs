//! Heal: a version came that bears this repo's own actor for what the repo did not write.

use super::writes::{self, Before, Past, Writes};
use crate::given::Given;
use crate::random::{actor_behind, actor_between};
use crate::repo::transaction::Transaction;
use crate::repo::{Inner, Repo};
use crate::versioned::Doubt;
use dronestore_core::causal::{Context, Seen};
use dronestore_core::version::{Rename, common, counts_alike};
use dronestore_core::{ActorId, Key, Result, Version};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many healed objects are remembered, for the handles and copies that still bear the old names.
const MOST_HEALED: usize = 4096;

/// How many objects of another that goes on under an actor of this repo are remembered as met.
const MOST_MET: usize = 1 << 18;

/// What an open repo knows of its own writes.
#[derive(Debug, Default)]
pub(crate) struct Own {
    known: Mutex<Known>,
    given: Arc<Given>,
}

#[derive(Debug, Default)]
struct Known {
    writes: Writes,
    learned: Learned,
    /// What a batch of unknown outcome would have taught.
    doubted: Option<(Doubt, Learned)>,
}

/// What one transaction adds to it, if it becomes durable.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    writes: Vec<(u64, Before, u64)>,
    /// Whether there were more.
    has_more: bool,
    /// The actors that this repo had before, since it was opened.
    left: Vec<ActorId>,
    healed: Vec<Healed>,
    /// Objects and actors that were met: the other goes on as this actor, and this repo does not.
    met: HashSet<(u64, ActorId)>,
}

/// An object's own writes that now bear another name.
#[derive(Debug, Clone)]
struct Healed {
    key: Key,
    kind: String,
    rename: Rename,
    /// The tags of those that are known, under the old name.
    tags: Vec<Seen>,
}

/// How what came is to be merged.
pub(crate) enum Meeting {
    /// As it is.
    Plain,
    /// These two instead; `keeps` where what stands there is kept aside first: whether it, or some of what it counted,
    /// is part of theirs cannot be told.
    Instead { ours: Option<Version>, theirs: Version, keeps: bool },
    /// One of the two without what it says of this actor.
    Contest(ActorId),
}

impl Own {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number that the next row of the log had when versions were last given away.
    pub(crate) fn given(&self) -> u64 {
        self.given.last()
    }

    /// The batch is durable.
    pub(crate) fn learn(&self, learned: Learned, next_row: u64) {
        self.given.wrote(next_row);
        let mut known = self.known();
        for (object, before, row) in learned.writes {
            known.writes.push(object, before, row);
        }
        if learned.has_more {
            known.writes.miss();
        }
        known.learned.left.extend(learned.left);
        known.learned.healed.extend(learned.healed);
        if known.learned.met.len() > MOST_MET {
            known.learned.met.clear();
        }
        known.learned.met.extend(learned.met);
        let many = known.learned.healed.len().saturating_sub(MOST_HEALED);
        known.learned.healed.drain(..many);
    }

    /// The batch may be durable.
    pub(crate) fn doubt(&self, doubt: Doubt, learned: Learned) {
        self.known().doubted = Some((doubt, learned));
    }

    /// What became of the batch that was in doubt is known; gives whether another actor was ever left.
    pub(crate) fn settle(&self) -> bool {
        let doubted = self.known().doubted.take();
        if let Some((_, learned)) = doubted.filter(|(doubt, _)| doubt.outcome.get() == Some(&true)) {
            // It is in the log already.
            let rows = learned.writes.iter().map(|(.., row)| *row).max().map_or(0, |row| row + 1);
            self.learn(learned, rows);
        }
        !self.known().learned.left.is_empty()
    }
}

impl Inner {
    /// All that stands now may be known elsewhere from here on.
    pub(crate) fn give_away(&self) {
        let next = self.totals.read().unwrap_or_else(PoisonError::into_inner).next_row;
        self.own.given.give_before(next);
    }

    /// What tells that versions leave.
    pub(crate) fn given(&self) -> &Arc<Given> {
        &self.own.given
    }
}

impl Repo {
    /// As [`Inner::give_away`].
    pub(crate) fn give_away(&self) {
        self.inner.give_away();
    }

    /// Whether it goes on under another actor than when it was opened: what comes in may have it write own writes anew.
    pub(crate) fn has_left_actor(&self) -> bool {
        !self.inner.own.known().learned.left.is_empty()
    }
}

impl Transaction<'_> {
    /// Remembers what stood in a row before an own write.
    #[inline]
    pub(crate) fn note_write(&mut self, row: &[u8], before: Option<Version>, after: &Version) {
        if self.on_branch.is_some() {
            return;
        }
        let before = match before {
            Some(before) => Before::Version(before),
            None => Before::Nothing(after.key().clone(), after.shape().clone()),
        };
        match self.learned.writes.len() < writes::MOST {
            true => self.learned.writes.push((writes::object(row), before, self.writer.next_row)),
            false => self.learned.has_more = true,
        }
    }

    /// Looks for own dots that are not own in what came.
    pub(crate) fn meet(&mut self, row: &[u8], ours: Option<&Version>, came: &Version) -> Result<Meeting> {
        // On a branch nothing is of the repo's actor that is not of the repo.
        if self.on_branch.is_some() {
            return Ok(Meeting::Plain);
        }
        let actor = self.writer.home.actor;
        if !self.writer.forked {
            let seen = came.seen(&actor);
            if seen.is_none() || seen == ours.and_then(|ours| ours.seen(&actor)) {
                return Ok(Meeting::Plain);
            }
        }
        let renamed = self.under_new_names(came)?;
        let theirs = renamed.as_ref().unwrap_or(came);
        let own: Vec<ActorId> = {
            let known = self.repo.inner.own.known();
            known.learned.left.iter().chain(&self.learned.left).copied().chain([actor]).collect()
        };
        let (mut healed, mut keeps) = (None::<Version>, false);
        for actor in own {
            if self.has_met(row, &actor) {
                continue;
            }
            let standing = healed.as_ref().or(ours);
            match self.meet_as(&actor, row, standing, theirs)? {
                Outcome::Own => {}
                Outcome::Healed { version, is_guess } => {
                    healed = Some(version);
                    keeps |= is_guess;
                }
                Outcome::Keep => keeps = true,
                Outcome::Aside => return Ok(Meeting::Contest(actor)),
            }
        }
        if healed.is_none() && renamed.is_none() && !keeps {
            return Ok(Meeting::Plain);
        }
        Ok(Meeting::Instead { ours: healed.or_else(|| ours.cloned()), theirs: theirs.clone(), keeps })
    }

    /// Takes in what a handle brings that this repo's actor did not make; gives what stands there then.
    pub(crate) fn meet_handle(
        &mut self,
        row: &[u8],
        stored: Option<Version>,
        base: &Version,
    ) -> Result<Option<Version>> {
        let actor = &self.writer.home.actor;
        let last = |version: &Version| version.seen(actor).map(|seen| (seen.sequence, seen.tag));
        let (theirs, ours) = (last(base), stored.as_ref().and_then(last));
        if self.on_branch.is_some()
            || theirs.is_none_or(|theirs| ours.is_some_and(|ours| ours == theirs || ours.0 > theirs.0))
        {
            return Ok(stored);
        }
        self.merge(base)?;
        self.stored(row, base.key())
    }

    /// A version under the names that own writes in it have by now; `None` where it bears no older ones.
    pub(crate) fn under_new_names(&self, version: &Version) -> Result<Option<Version>> {
        if !self.writer.forked {
            return Ok(None);
        }
        let mut renamed: Option<Version> = None;
        let known = self.repo.inner.own.known();
        for healed in known.learned.healed.iter().chain(&self.learned.healed) {
            let version = renamed.as_ref().unwrap_or(version);
            if healed.is_of(version)
                && version.seen(&healed.rename.from).is_some_and(|seen| healed.tags.contains(&seen))
                && let Some(next) = version.renamed(&healed.rename)?
            {
                renamed = Some(next);
            }
        }
        Ok(renamed)
    }

    /// Notes of which own actors an object no longer bears own writes: the other goes on as these.
    pub(super) fn hand_over(&mut self, row: &[u8], before: &Version, after: &Version) {
        let object = writes::object(row);
        let left = self.repo.inner.own.known().learned.left.clone();
        let own = left.iter().chain(&self.learned.left).chain([&self.writer.home.actor]);
        let handed: Vec<ActorId> =
            own.filter(|actor| before.seen(actor) != after.seen(actor)).copied().collect();
        self.learned.met.extend(handed.into_iter().map(|actor| (object, actor)));
    }

    fn has_met(&self, row: &[u8], actor: &ActorId) -> bool {
        let met = (writes::object(row), *actor);
        self.learned.met.contains(&met) || self.repo.inner.own.known().learned.met.contains(&met)
    }

    /// What is known of the own writes of an object since the repo was opened.
    fn past(&self, row: &[u8], object: &Version) -> Option<Past> {
        let hash = writes::object(row);
        let past = self.repo.inner.own.known().writes.of(hash, object.kind(), object.key());
        let here = self.learned.writes.iter().filter(|(object, ..)| *object == hash);
        let mut here = here.filter_map(|(_, before, row)| match before {
            Before::Version(before) if before.key() == object.key() && before.kind() == object.kind() => {
                Some((Some(before.clone()), *row))
            }
            Before::Nothing(key, shape) if key == object.key() && shape.kind() == object.kind() => {
                Some((None, *row))
            }
            _ => None,
        });
        let Some(mut past) = past else {
            let (first, row) = here.next()?;
            let before = [first].into_iter().chain(here.map(|(before, _)| before)).collect();
            return Some(Past { before, row, is_torn: false });
        };
        past.before.extend(here.map(|(before, _)| before));
        Some(past)
    }

    fn meet_as(
        &mut self,
        actor: &ActorId,
        row: &[u8],
        ours: Option<&Version>,
        theirs: &Version,
    ) -> Result<Outcome> {
        let mine = ours.and_then(|ours| ours.seen(actor));
        let Some(seen) = theirs.seen(actor).filter(|seen| Some(*seen) != mine) else {
            return Ok(Outcome::Own);
        };
        let past = self.past(row, theirs);
        let mut known: Vec<Version> = Vec::new();
        known.extend(past.iter().flat_map(|past| past.before.iter().flatten()).cloned());
        known.extend(ours.cloned());
        let last = mine.map_or(0, |mine| mine.sequence);
        let tags = known.iter().filter_map(|version| version.seen(actor));
        let tags: Vec<Seen> = tags.filter(|seen| seen.sequence > 0).collect();
        let is_other = tags.iter().any(|own| own.sequence == seen.sequence && own.tag != seen.tag);
        if seen.sequence <= last && !is_other {
            return Ok(Outcome::Own);
        }
        if *actor == self.writer.home.actor {
            self.leave_actor()?;
        }
        let outcome = self.settle_with(actor, (ours, mine, past), (theirs, seen), (known, tags))?;
        if !matches!(outcome, Outcome::Aside) {
            self.learned.met.insert((writes::object(row), *actor));
        }
        Ok(outcome)
    }

    /// What becomes of an object that another goes on with as this repo's actor.
    fn settle_with(
        &mut self,
        actor: &ActorId,
        (ours, mine, past): (Option<&Version>, Option<Seen>, Option<Past>),
        (theirs, seen): (&Version, Seen),
        (mut known, tags): (Vec<Version>, Vec<Seen>),
    ) -> Result<Outcome> {
        let (Some(ours), Some(mine)) = (ours, mine) else { return Ok(Outcome::Own) };
        let common = common(&known, theirs, actor)?;
        if common.forked.is_none() && common.shared == mine.sequence {
            // Theirs went on from all that stands here: a copy that was made while this repo was open.
            return Ok(Outcome::Own);
        }
        // Where nothing is remembered, all was written before the repo was opened.
        let base = match &past {
            Some(past) => past.before.first().and_then(Option::as_ref).and_then(|base| base.seen(actor)),
            None => Some(mine),
        };
        let base = base.map_or(0, |base| base.sequence);
        let is_older = common.forked.is_some_and(|forked| forked <= base) || seen.sequence <= base;
        if is_older || past.as_ref().is_some_and(|past| past.is_torn && (past.before.is_empty() || base > 0))
        {
            return Ok(Outcome::Aside);
        }
        let last = mine.sequence;
        if base == last {
            return Ok(if common.shared == last { Outcome::Own } else { Outcome::Keep });
        }
        let ahead = (mine.sequence, mine.tag) > (seen.sequence, seen.tag);
        if ahead && !past.is_some_and(|past| self.is_unknown_elsewhere(&past)) {
            return Ok(Outcome::Aside);
        }
        // The last own commit that theirs is seen to have, as far as what stood there is remembered.
        let sequence = |version: &Version| version.seen(actor).map_or(0, |seen| seen.sequence);
        let reached = known.iter().map(sequence).filter(|own| *own <= common.shared.max(base));
        let above = reached.max().unwrap_or(base).max(base);
        // Theirs may have more of them, and nothing in it shows that.
        let is_other = tags.iter().any(|own| own.sequence == seen.sequence && own.tag != seen.tag);
        let most = common.possible.min(seen.sequence - u64::from(is_other));
        let is_guess = is_counted_between(&known, actor, above, most)?;
        known.retain(|version| sequence(version) >= above && above > 0);
        let Some(to) = heir(&ours.context(), &theirs.context(), *actor)? else {
            return Ok(Outcome::Aside);
        };
        let rename = Rename { from: *actor, above, to, known };
        let Some(version) = ours.renamed(&rename)? else { return Ok(Outcome::Aside) };
        let (key, kind) = (ours.key().clone(), ours.kind().to_owned());
        self.rename_on_branches(&kind, &key, &rename)?;
        self.learned.healed.push(Healed { key, kind, rename, tags });
        Ok(Outcome::Healed { version, is_guess })
    }

    /// Whether no version with these writes was given away, as far as the repo sees.
    fn is_unknown_elsewhere(&self, past: &Past) -> bool {
        self.exchanges && self.repo.inner.own.given.is_before(past.row)
    }

    /// Goes on as another actor; it is written down in the same batch.
    pub(super) fn leave_actor(&mut self) -> Result<()> {
        let actor = self.writer.home.actor;
        self.writer.home.actor = actor_behind(actor)?;
        self.learned.left.push(actor);
        (self.writer.moved, self.writer.forked, self.homed) = (true, true, true);
        Ok(())
    }
}

/// Whether an actor counted in its commits behind the one number, up to the other.
fn is_counted_between(known: &[Version], actor: &ActorId, above: u64, most: u64) -> Result<bool> {
    let sequence = |version: &Version| version.seen(actor).map_or(0, |seen| seen.sequence);
    let before = known.iter().rfind(|version| sequence(version) == above);
    for later in known.iter().filter(|version| (above + 1..=most).contains(&sequence(version))) {
        if !counts_alike(before, later, actor)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Who takes an actor's last writes over: one that does nothing else, right behind it in both contexts.
fn heir(ours: &Context, theirs: &Context, actor: ActorId) -> Result<Option<ActorId>> {
    let behind =
        |context: &Context| context.entries().iter().map(|seen| seen.actor).find(|other| *other > actor);
    let next = [ours, theirs].into_iter().filter_map(behind).min();
    actor_between(actor, next)
}

/// What own dots in a version that came turned out to be.
enum Outcome {
    /// They were made here, or nothing that was written here is touched by them.
    Own,
    /// They were not, and this is what stands here with what was written here under another name. Where theirs may hold
    /// some of what was counted here, that is a guess: it would be counted twice.
    Healed { version: Version, is_guess: bool },
    /// They were not; nothing was written here since the repo was opened, and whether theirs holds what was written
    /// before cannot be told.
    Keep,
    /// They were not, and what was written here since the fork cannot be told from what was written before.
    Aside,
}

impl Healed {
    fn is_of(&self, version: &Version) -> bool {
        self.key == *version.key() && self.kind == version.kind()
    }
}
