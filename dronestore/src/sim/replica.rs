//! A replica: a disk, a clock, and the program that runs on them as long as it lives.

use super::disk::{Disk, Marks, Pairs};
use super::model::Kept;
use super::oracle::Object;
use crate::testing::FaultyStore;
use crate::{Clock, DatabaseId, Error, ErrorKind, Nanotime, Repo, Result, Version};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// When a world begins.
const BEGIN: i64 = 1_800_000_000_000_000_000;
/// How long a step takes.
const STEP: i64 = 1_000_000;

const DATABASE: DatabaseId = DatabaseId::from_bytes(*b"a world of drone");

#[derive(Debug, Clone, Default)]
pub(super) struct HandClock(Arc<AtomicU64>);

impl HandClock {
    /// Lets it be the time of this step, and so many nanoseconds off.
    pub(super) fn set(&self, offset: i64, step: usize) {
        let now = BEGIN.saturating_add(offset).saturating_add(step as i64 * STEP);
        self.0.store(now.max(0) as u64, Ordering::Relaxed);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Nanotime {
        Nanotime::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// A program that runs.
#[derive(Clone)]
pub(super) struct Running {
    pub(super) repo: Repo,
    /// A second look at the same disk, which fails never and writes never.
    pub(super) eye: Repo,
}

pub(super) struct Replica {
    pub(super) disk: Disk,
    pub(super) faulty: FaultyStore,
    clock: HandClock,
    pub(super) offset: i64,
    /// How old the program is; `None`: it knows no types.
    pub(super) age: Option<usize>,
    pub(super) running: Option<Running>,
    /// The handles that the program keeps, by kind and name.
    pub(super) kept: BTreeMap<(usize, usize), Kept>,
    pub(super) backup: Option<(Pairs, Marks)>,
    /// Whether the store is to fail.
    pub(super) armed: bool,
    /// What was written here and acknowledged, or seen to be durable.
    pub(super) acked: BTreeMap<Object, Version>,
}

impl Replica {
    pub(super) fn new(disk: Disk, age: Option<usize>) -> Replica {
        Replica {
            faulty: FaultyStore::new(disk.clone()),
            disk,
            clock: HandClock::default(),
            offset: 0,
            age,
            running: None,
            kept: BTreeMap::new(),
            backup: None,
            armed: false,
            acked: BTreeMap::new(),
        }
    }

    /// Lets the time of this step be.
    pub(super) fn set_clock(&self, step: usize) {
        self.clock.set(self.offset, step);
    }

    /// Starts the program.
    pub(super) fn start(&mut self) -> Result<Running> {
        let repo = Repo::builder().store(Arc::new(self.faulty.clone())).clock(self.clock.clone());
        let repo = repo.database(DATABASE).open()?;
        let eye = Repo::builder().store(Arc::new(self.disk.clone())).clock(self.clock.clone()).open()?;
        Ok(self.running.insert(Running { repo, eye }).clone())
    }

    /// Ends the program: what it had in memory is gone.
    pub(super) fn stop(&mut self) {
        self.running = None;
        self.kept.clear();
    }

    pub(super) fn arm(&mut self) {
        self.armed = true;
    }

    /// No failure is to come any more.
    pub(super) fn disarm(&mut self) {
        self.faulty.heal();
        self.armed = false;
    }

    /// Whether this is what a store says that was told to fail.
    pub(super) fn is_planned(&self, error: &Error) -> bool {
        self.armed && matches!(error.kind(), ErrorKind::Store | ErrorKind::Unknown)
    }
}
