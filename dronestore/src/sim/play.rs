//! A schedule as it is played, step by step.

use super::act::{Act, Counted, Schedule, Step};
use super::disk::Disk;
use super::failure::{Found, Outcome, Report};
use super::link::{Link, Wire};
use super::model::{Age, Kinds, Saved};
use super::oracle::{Heads, Object, Oracle};
use super::replica::{Replica, Running};
use super::tell::Told;
use crate::laws::Letter;
use crate::store::Store;
use crate::{Error, Key, Result, Version};
use std::collections::BTreeSet;
use std::sync::Arc;

const OPENS: &str = "what was durable opens again";
const SURVIVES: &str = "what was acknowledged survives a crash";
const STANDS: &str = "an acknowledged write stands there";
pub(super) const WRITES: &str = "a write that nothing disturbs goes well";
pub(super) const READS: &str = "what stands in a repo can be read";

/// What the replicas of a world are made of.
pub(super) struct Parts<'w> {
    pub(super) kinds: &'w Kinds,
    pub(super) store: &'w dyn Fn() -> Arc<dyn Store>,
    pub(super) wire: Option<Wire>,
}

pub(super) struct Play<'w> {
    pub(super) parts: &'w Parts<'w>,
    pub(super) replicas: Vec<Replica>,
    /// Sessions that go on.
    pub(super) links: Vec<Link>,
    /// The replicas whose bits are set do not reach the others.
    pub(super) sides: u64,
    pub(super) oracle: Oracle,
    /// Objects of which something was set aside.
    pub(super) aside: BTreeSet<Key>,
    pub(super) report: Report,
    pub(super) told: Option<Told>,
    pub(super) steps: usize,
}

impl<'w> Play<'w> {
    pub(super) fn new(parts: &'w Parts<'w>, schedule: &Schedule) -> Play<'w> {
        let disk = |number| Disk::new(number, (parts.store)());
        let replicas = schedule.ages.iter().enumerate().map(|(number, age)| Replica::new(disk(number), *age));
        let replicas: Vec<Replica> = replicas.collect();
        let report = Report { schedules: 1, replicas: replicas.len() as u64, ..Report::default() };
        Play {
            parts,
            replicas,
            links: Vec::new(),
            sides: 0,
            oracle: Oracle::default(),
            aside: BTreeSet::new(),
            report,
            told: None,
            steps: 0,
        }
    }

    pub(super) fn all(&mut self, schedule: &Schedule) -> Outcome {
        for step in &schedule.steps {
            self.tick();
            self.step(step)?;
            self.bury(step)?;
        }
        self.tick();
        self.quiet()
    }

    fn tick(&mut self) {
        self.steps += 1;
        self.replicas.iter().for_each(|replica| replica.set_clock(self.steps));
    }

    fn step(&mut self, step: &Step) -> Outcome {
        // A smaller world may lack whom a step names.
        let who = step.who % self.replicas.len();
        match &step.act {
            Act::Save { kind, name, letters, keeps } => self.save(who, (*kind, *name), letters, *keeps),
            Act::Delete { kind, name } => self.delete(who, *kind, *name),
            Act::Resolve { kind, pick } => self.resolve(who, *kind, *pick),
            Act::Meet { whom, fate, waits } => {
                self.meet([who, *whom % self.replicas.len()], *fate, *waits, step.seed)
            }
            Act::Carry { link, pieces } => self.carry(*link, *pieces),
            Act::Partition { sides } => self.part(*sides),
            Act::Clock { jump } => {
                self.did(|told| told.clock(who, *jump));
                let replica = &mut self.replicas[who];
                replica.offset = replica.offset.saturating_add(*jump);
                Ok(())
            }
            Act::Crash { counted, nth, fault } => {
                self.did(|told| told.crash(who, *counted, *nth, *fault));
                let replica = &mut self.replicas[who];
                replica.arm();
                match counted {
                    Counted::Calls => replica.faulty.die_at_call(*nth, *fault),
                    Counted::Batches => replica.faulty.die_at_apply(*nth, *fault),
                }
                Ok(())
            }
            Act::Fail { nth, fault } => {
                self.did(|told| told.fail(who, *nth, *fault));
                let replica = &mut self.replicas[who];
                replica.arm();
                replica.faulty.fail_apply(*nth, *fault);
                Ok(())
            }
            Act::Restart { updates } => {
                self.did(|told| told.restart(who, *updates));
                self.stop(who);
                let replica = &mut self.replicas[who];
                replica.age = replica.age.map(|age| if *updates { 0 } else { age });
                Ok(())
            }
            Act::Backup => self.back_up(who),
            Act::Restore { whole } => self.restore(who, *whole),
            Act::Copy { whom } => self.copy(who, *whom % self.replicas.len()),
        }
    }

    /// Counts a step that does something, and tells it.
    pub(super) fn did(&mut self, line: impl FnOnce(&mut Told)) {
        self.report.operations += 1;
        if let Some(told) = &mut self.told {
            line(told);
        }
    }

    /// The program of a replica, started where it does not run.
    pub(super) fn up(&mut self, who: usize) -> Outcome<Running> {
        let replica = &mut self.replicas[who];
        if let Some(running) = &replica.running {
            return Ok(running.clone());
        }
        let running = match replica.start() {
            Err(error) if replica.is_planned(&error) => {
                replica.disarm();
                self.report.crashes += 1;
                replica.start()
            }
            started => started,
        };
        let running = running.map_err(|error| Found::new(OPENS, error))?;
        for (object, acked) in &replica.acked {
            let head = running.head(object)?;
            if !head.as_ref().is_some_and(|head| head.covers(acked).unwrap_or(false)) {
                let found = head.map_or("nothing".to_owned(), |head| head.to_string());
                return Err(Found::new(
                    SURVIVES,
                    format_args!("{acked} was acknowledged, and {found} is there"),
                ));
            }
        }
        Ok(running)
    }

    /// Ends the program of a replica, and its sessions.
    pub(super) fn stop(&mut self, who: usize) {
        self.links.retain(|link| !link.ends.contains(&who));
        self.replicas[who].stop();
    }

    /// Replicas whose store has died are dead.
    fn bury(&mut self, step: &Step) -> Outcome {
        for who in 0..self.replicas.len() {
            if self.replicas[who].faulty.is_dead() {
                self.stop(who);
                self.report.crashes += 1;
                let replica = &mut self.replicas[who];
                replica.disarm();
                // The note beside the content need not be durable.
                if step.seed.is_multiple_of(4) {
                    replica.disk.forget_mark();
                }
            }
        }
        Ok(())
    }

    /// The model of this kind that a replica runs; `None` where it runs none.
    fn age(&self, who: usize, kind: usize) -> Option<&'w dyn Age> {
        let parts: &'w Parts<'w> = self.parts;
        let ages = parts.kinds.get(kind)?;
        let age = self.replicas[who].age?.min(ages.len().checked_sub(1)?);
        Some(&*ages[age])
    }

    fn save(&mut self, who: usize, slot: (usize, usize), letters: &[Letter], keeps: bool) -> Outcome {
        let Some(age) = self.age(who, slot.0) else { return Ok(()) };
        let running = self.up(who)?;
        let object = object(age, slot.1)?;
        let before = running.head(&object)?;
        let mut kept = self.replicas[who].kept.remove(&slot).filter(|_| keeps).unwrap_or(None);
        let (base, had) = (before.as_ref().filter(|head| !head.is_deleted()), kept.is_some());
        self.did(|told| told.save(who, &object.1, had, || age.lines(base, letters, "it")));
        let mut saved = age.save(&running.repo, &mut kept, slot.1, letters);
        if self.has_failed(who, &saved) {
            self.report.failures += 1;
            // The same handle again: it finds out what became of the first time.
            saved = age.save_again(&running.repo, &mut kept);
        }
        self.replicas[who].kept.insert(slot, kept);
        let dot = match &saved {
            Ok(Saved::Made(report)) => report.commit.as_ref().map(|commit| commit.dot),
            Ok(Saved::Refused) => {
                self.report.refused += 1;
                None
            }
            _ => None,
        };
        self.end_write(who, saved.map(drop))?;
        let after = running.head(&object)?;
        if let Some(dot) = dot
            && !after.as_ref().is_some_and(|after| after.context().contains(&dot))
        {
            return Err(Found::new(
                STANDS,
                format_args!("{dot} of {} was acknowledged and is not there", object.1),
            ));
        }
        self.wrote(who, &object, before, after)
    }

    fn delete(&mut self, who: usize, kind: usize, name: usize) -> Outcome {
        let Some(age) = self.age(who, kind) else { return Ok(()) };
        let running = self.up(who)?;
        let object = object(age, name)?;
        let Some(before) = running.head(&object)?.filter(|head| !head.is_deleted()) else { return Ok(()) };
        self.did(|told| told.delete(who, &object.1));
        let deleted = age.delete(&running.repo, name);
        self.end_write(who, deleted.map(drop))?;
        let after = running.head(&object)?;
        self.wrote(who, &object, Some(before), after)
    }

    fn resolve(&mut self, who: usize, kind: usize, pick: usize) -> Outcome {
        let Some(age) = self.age(who, kind) else { return Ok(()) };
        let running = self.up(who)?;
        let before = running.heads()?;
        let resolved = age.resolve(&running.repo, pick);
        if matches!(resolved, Ok(false)) {
            return Ok(());
        }
        self.did(|told| told.resolve(who, age.type_name(), pick));
        self.end_write(who, resolved.map(drop))?;
        for (object, after) in running.heads()? {
            self.wrote(who, &object, before.get(&object).cloned(), Some(after))?;
        }
        Ok(())
    }

    /// Whether a write failed because the store was told to, and the program goes on.
    fn has_failed<T>(&self, who: usize, result: &Result<T>) -> bool {
        let replica = &self.replicas[who];
        result.as_ref().is_err_and(|error| replica.is_planned(error)) && !replica.faulty.is_dead()
    }

    /// A write may fail where its store does.
    fn end_write(&mut self, who: usize, result: Result<()>) -> Outcome {
        let Err(error) = result else { return Ok(()) };
        if !self.replicas[who].is_planned(&error) {
            return Err(Found::new(WRITES, error));
        }
        self.report.failures += u64::from(!self.replicas[who].faulty.is_dead());
        Ok(())
    }

    /// What stands there after a write is durable, acknowledged or not.
    fn wrote(
        &mut self,
        who: usize,
        object: &Object,
        before: Option<Version>,
        after: Option<Version>,
    ) -> Outcome {
        let Some(after) = after else { return Ok(()) };
        if before.as_ref().is_some_and(|before| before.hash() == after.hash()) {
            return Ok(());
        }
        self.report.writes += 1;
        self.oracle.wrote(object, before.as_ref(), &after)?;
        self.replicas[who].acked.insert(object.clone(), after);
        Ok(())
    }
}

fn object(age: &dyn Age, name: usize) -> Outcome<Object> {
    let key = age.key(name).map_err(|error| Found::new(WRITES, error))?;
    Ok((age.kind().to_owned(), key))
}

pub(super) fn unread(error: Error) -> Found {
    Found::new(READS, error)
}

impl Running {
    /// What stands on the disk of an object.
    pub(super) fn head(&self, (kind, key): &Object) -> Outcome<Option<Version>> {
        self.eye.view().and_then(|view| view.version(kind, key)).map_err(unread)
    }

    /// What stands on the disk of all objects.
    pub(super) fn heads(&self) -> Outcome<Heads> {
        let mut heads = Heads::new();
        for version in self.eye.objects(&Key::root()).map_err(unread)? {
            let version = version.map_err(unread)?;
            heads.insert((version.kind().to_owned(), version.key().clone()), version);
        }
        Ok(heads)
    }
}
