//! Gossip: in each round a replica meets another one by chance, and in the end all hold the same.
//!
//! What is new doubles with each round, so N replicas have it after about log2 N + ln N rounds (Pittel 1987); a meeting
//! goes both ways, which makes it fewer. Nobody leads, and nobody has to know all others.

use super::super::chance::{BackOff, Chance};
use super::super::options::SyncOptions;
use super::{Discovery, GossipHandle};
use crate::Repo;
use crate::repo::Count;
use crate::sync::SyncReport;
use dronestore_core::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many addresses are known at once; beyond that the first in their order are.
const MOST: usize = 10_000;
/// How long an address that does not answer is left alone at most, in rounds.
const MOST_ROUNDS: u32 = 64;

/// A replica of a fleet that meets others by chance: whom it knows, and when it meets them.
///
/// ```
/// use dronestore::sync::Gossip;
/// use dronestore::{Drone, Repo};
/// use std::time::Duration;
///
/// # #[derive(Drone)] struct Note { #[merge(latest)] text: String }
/// let one = Repo::memory()?;
/// let other = Repo::builder().replica_of(&one).open()?;
/// other.update::<Note>("a", |note| { note.text = "news".into(); Ok(()) })?;
/// let server = other.serve("127.0.0.1:0")?;
///
/// let gossip = Gossip::new(&one)
///     .peer(format!("tcp://{}", server.local_addr()))
///     .every(Duration::from_millis(20))
///     .start()?;
/// let seen = one.sequence();
/// one.wait_for_change(seen, Duration::from_secs(10));
/// # while one.hash() != other.hash() { one.wait_for_change(one.sequence(), Duration::from_millis(5)); }
/// assert_eq!(one.hash(), other.hash());
/// gossip.stop();
/// # Ok::<(), dronestore::Error>(())
/// ```
pub struct Gossip {
    repo: Repo,
    peers: BTreeSet<String>,
    sources: Vec<Box<dyn Discovery>>,
    calls: SyncOptions,
    pub(super) every: Duration,
    pub(super) chance: Chance,
    /// Addresses that did not answer.
    resting: BTreeMap<String, Rest>,
    status: GossipStatus,
    #[expect(clippy::type_complexity, reason = "it is named nowhere else")]
    on_met: Option<Arc<dyn Fn(&Met) + Send + Sync>>,
}

/// Since when an address is left alone, and how.
struct Rest {
    back_off: BackOff,
    until: Instant,
}

/// A meeting, or the try.
#[derive(Debug)]
#[non_exhaustive]
pub struct Met {
    /// Who was called.
    pub address: String,
    /// What came of it.
    pub result: Result<SyncReport>,
}

/// What has come of a fleet's meetings so far, as one replica sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GossipStatus {
    /// How many rounds there were.
    pub rounds: u64,
    /// Meetings that ended in sync, or nearly.
    pub met: u64,
    /// Meetings in which something moved.
    pub with_news: u64,
    /// Calls that nobody answered, or that broke.
    pub failed: u64,
    /// Rounds in which there was nobody to call.
    pub alone: u64,
    /// Bytes that came in and went out.
    pub bytes: u64,
    /// How many addresses were known in the last round.
    pub known: usize,
    /// How many of those were left alone, because they had not answered.
    pub resting: usize,
}

/// `12 rounds: 10 met, 3 with news, 2 failed; 4 known, 1 resting; 5000 bytes`.
impl fmt::Display for GossipStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let GossipStatus { rounds, met, with_news, failed, bytes, known, resting, .. } = self;
        write!(f, "{}: {met} met, {with_news} with news, {failed} failed; ", Count(*rounds, "round"))?;
        write!(f, "{known} known, {resting} resting; {bytes} bytes")
    }
}

impl Gossip {
    /// A replica that knows nobody yet, and would meet somebody every 30 seconds.
    pub fn new(repo: &Repo) -> Gossip {
        Gossip {
            repo: repo.clone(),
            peers: BTreeSet::new(),
            sources: Vec::new(),
            calls: SyncOptions::new(),
            every: Duration::from_secs(30),
            chance: Chance::new(),
            resting: BTreeMap::new(),
            status: GossipStatus::default(),
            on_met: None,
        }
    }

    /// Knows another one, by an address as [`Repo::sync`] takes it.
    #[must_use]
    pub fn peer(mut self, address: impl Into<String>) -> Gossip {
        self.peers.insert(address.into());
        self
    }

    /// Knows others.
    #[must_use]
    pub fn peers<A: Into<String>>(mut self, addresses: impl IntoIterator<Item = A>) -> Gossip {
        self.peers.extend(addresses.into_iter().map(Into::into));
        self
    }

    /// Asks this source for others before each round.
    #[must_use]
    pub fn discover(mut self, source: impl Discovery + 'static) -> Gossip {
        self.sources.push(Box::new(source));
        self
    }

    /// How others are called: whom to trust, with which limits of time.
    #[must_use]
    pub fn calling(mut self, options: SyncOptions) -> Gossip {
        self.calls = options;
        self
    }

    /// How long a round takes, about: half to one and a half of this, by chance.
    #[must_use]
    pub fn every(mut self, time: Duration) -> Gossip {
        self.every = time.max(Duration::from_millis(1));
        self
    }

    /// Chooses by these numbers: the same seed and the same answers give the same meetings.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Gossip {
        self.chance = Chance::seeded(seed);
        self
    }

    /// Tells this function of every meeting and of every try. It is called in the thread that meets, which waits for it.
    #[must_use]
    pub fn on_met(mut self, told: impl Fn(&Met) + Send + Sync + 'static) -> Gossip {
        self.on_met = Some(Arc::new(told));
        self
    }

    /// What has come of it so far.
    pub fn status(&self) -> &GossipStatus {
        &self.status
    }

    /// Begins, in a thread of its own, with a round at once; it ends when the handle is dropped.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where there is no thread.
    pub fn start(self) -> Result<GossipHandle> {
        GossipHandle::new(self)
    }

    /// One round by hand: meets one of those that are known, by chance; `None` where there is nobody to meet.
    ///
    /// Whoever does not answer is left alone for a round's time, then for two, four and so on.
    pub fn meet(&mut self) -> Option<Met> {
        let known = self.known();
        self.status.rounds += 1;
        self.status.known = known.len();
        self.resting.retain(|address, _| known.contains(address));
        let now = Instant::now();
        let rests = |address: &String| self.resting.get(address).is_some_and(|rest| rest.until > now);
        let awake: Vec<&String> = known.iter().filter(|address| !rests(address)).collect();
        self.status.resting = known.len() - awake.len();
        if awake.is_empty() {
            self.status.alone += 1;
            return None;
        }
        let address = awake[self.chance.below(awake.len())].clone();
        let result = self.repo.sync_with_options(&address, &self.calls);
        self.note(&address, &result);
        let met = Met { address, result };
        if let Some(told) = &self.on_met {
            told(&met);
        }
        Some(met)
    }

    fn known(&self) -> BTreeSet<String> {
        let found = self.sources.iter().flat_map(|source| source.addresses());
        self.peers.iter().cloned().chain(found.take(MOST)).take(MOST).collect()
    }

    fn note(&mut self, address: &str, result: &Result<SyncReport>) {
        match result {
            Ok(report) => {
                self.resting.remove(address);
                self.status.met += 1;
                self.status.bytes += report.bytes_in + report.bytes_out;
                self.status.with_news += u64::from(report.sent > 0 || report.received.has_news());
            }
            Err(_) => {
                self.status.failed += 1;
                let new = || Rest {
                    back_off: BackOff::new(self.every, self.every.saturating_mul(MOST_ROUNDS)),
                    until: Instant::now(),
                };
                let rest = self.resting.entry(address.to_owned()).or_insert_with(new);
                rest.until = Instant::now() + rest.back_off.fail(&mut self.chance);
            }
        }
    }
}

impl fmt::Debug for Gossip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gossip")
            .field("peers", &self.peers)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
