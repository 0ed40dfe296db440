//! What was found, and what was tried.

use std::fmt;

/// A law that does not hold, as it is found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) law: &'static str,
    /// What was seen.
    pub(super) seen: String,
}

impl Found {
    pub(super) fn new(law: &'static str, seen: impl fmt::Display) -> Found {
        Found { law, seen: seen.to_string() }
    }
}

pub(super) type Outcome<T = ()> = Result<T, Found>;

/// The shortest schedule found that ends badly.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The law that does not hold, in one sentence.
    pub law: &'static str,
    /// What was seen instead.
    pub seen: String,
    /// The seed of the schedule: `DRONESTORE_SEED=…` plays it alone. `None` where no schedule was played.
    pub seed: Option<u64>,
    /// How many steps the trace has.
    pub steps: usize,
    /// What happens in it, line by line.
    pub trace: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "a law does not hold: {}", self.law)?;
        writeln!(f, "  {}", self.seen)?;
        if let Some(seed) = self.seed {
            let plural = if self.steps == 1 { "" } else { "s" };
            write!(f, "after {} step{plural}, DRONESTORE_SEED={seed}:\n\n{}", self.steps, self.trace)?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// What was tried and held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Schedules played.
    pub schedules: u64,
    /// Replicas in them all.
    pub replicas: u64,
    /// Steps that did something.
    pub operations: u64,
    /// Writes that were acknowledged: saves, deletions, decisions.
    pub writes: u64,
    /// Saves that the model refused, as it may.
    pub refused: u64,
    /// Sessions that were begun, without those of the end.
    pub sessions: u64,
    /// Sessions that did not come to their end.
    pub broken: u64,
    /// Bytes that were said in all sessions.
    pub bytes: u64,
    /// How often a replica died.
    pub crashes: u64,
    /// Batches that a store refused or did not answer for, without a crash.
    pub failures: u64,
    /// How often a file was put back, copied or rolled back.
    pub restored: u64,
    /// Versions that stood at the end, on all replicas.
    pub versions: u64,
}

impl Report {
    pub(super) fn add(&mut self, other: &Report) {
        let Report { schedules, replicas, operations, writes, refused, sessions, .. } = other;
        let Report { broken, bytes, crashes, failures, restored, versions, .. } = other;
        self.schedules += schedules;
        self.replicas += replicas;
        self.operations += operations;
        self.writes += writes;
        self.refused += refused;
        self.sessions += sessions;
        self.broken += broken;
        self.bytes += bytes;
        self.crashes += crashes;
        self.failures += failures;
        self.restored += restored;
        self.versions += versions;
    }
}

/// `2000 schedules of 7 replicas: 81000 operations, 30000 writes (120 refused), 20000 sessions (7000 broken) of 9000 kB;
/// 2000 crashes, 1500 failed batches, 900 files put back`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { schedules, replicas, operations, writes, refused, sessions, .. } = self;
        let Report { broken, bytes, crashes, failures, restored, .. } = self;
        write!(
            f,
            "{schedules} schedules of {} replicas: {operations} operations, {writes} writes ({refused} refused), {sessions} \
             sessions ({broken} broken) of {} kB; {crashes} crashes, {failures} failed batches, {restored} files put back",
            replicas.checked_div(*schedules).unwrap_or_default(),
            bytes / 1000,
        )
    }
}
