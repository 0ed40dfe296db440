//! A fleet: many replicas that meet at random, round by round, and what that costs.

use super::act::Fate;
use super::link::{Link, Moved};
use super::replica::HandClock;
use crate::laws::Random;
use crate::random::seeded::Seeded;
use crate::{DatabaseId, Error, ErrorKind, Repo, Result};
use std::fmt;

const DATABASE: DatabaseId = DatabaseId::from_bytes(*b"a fleet of drone");

/// Replicas in memory that gossip: each round every one of them calls another, chosen at random, and both give and take.
///
/// ```
/// use dronestore::Drone;
/// use dronestore::sim::Fleet;
///
/// #[derive(Drone, Debug)]
/// struct Note {
///     #[merge(latest)]
///     text: String,
/// }
///
/// let mut fleet = Fleet::new(50, 1)?;
/// fleet.repo(0).put("news", Note { text: "hello".into() })?;
/// let spread = fleet.spread(100)?;
/// assert!(spread.rounds < 20 && fleet.is_in_sync(), "{spread}");
/// # Ok::<(), dronestore::Error>(())
/// ```
pub struct Fleet {
    repos: Vec<Repo>,
    clock: HandClock,
    random: Random,
    round: usize,
    broken_in_100: usize,
    away_in_100: usize,
}

/// What it took until all held the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spread {
    /// Rounds in which each replica that was there called one other.
    pub rounds: u64,
    /// Sessions that came to their end.
    pub sessions: u64,
    /// Of these, sessions of two that held the same.
    pub idle: u64,
    /// Sessions that broke off.
    pub broken: u64,
    /// Bytes of all sessions, both ways.
    pub bytes: u64,
    /// Bytes of the sessions of two that held the same.
    pub idle_bytes: u64,
    /// After each round, how many held what all hold in the end.
    pub informed: Vec<usize>,
}

/// `9 rounds, 900 sessions (600 idle, 0 broken), 120000 bytes`.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spread { rounds, sessions, idle, broken, bytes, .. } = self;
        write!(f, "{rounds} rounds, {sessions} sessions ({idle} idle, {broken} broken), {bytes} bytes")
    }
}

impl Fleet {
    /// So many empty replicas of one database, one at least. The seed gives the actors and the meetings.
    ///
    /// # Errors
    /// As [`Builder::open`](crate::Builder::open).
    ///
    /// Cost: some 10 kB a replica.
    pub fn new(count: usize, seed: u64) -> Result<Fleet> {
        let _actors = Seeded::new(seed);
        let clock = HandClock::default();
        clock.set(0, 0);
        let open = |_| Repo::builder().clock(clock.clone()).database(DATABASE).open();
        let repos = (0..count.max(1)).map(open).collect::<Result<Vec<Repo>>>()?;
        Ok(Fleet { repos, clock, random: Random::new(seed), round: 0, broken_in_100: 0, away_in_100: 0 })
    }

    /// Of a hundred sessions so many break off at some byte.
    #[must_use]
    pub fn broken(mut self, in_100: usize) -> Fleet {
        self.broken_in_100 = in_100;
        self
    }

    /// Of a hundred replicas so many are away in a round, others each time: they neither call nor answer.
    #[must_use]
    pub fn away(mut self, in_100: usize) -> Fleet {
        self.away_in_100 = in_100;
        self
    }

    /// One of the replicas, counted round.
    pub fn repo(&self, number: usize) -> &Repo {
        &self.repos[number % self.repos.len()]
    }

    /// All replicas.
    pub fn repos(&self) -> &[Repo] {
        &self.repos
    }

    /// Whether all hold the same.
    pub fn is_in_sync(&self) -> bool {
        self.repos.windows(2).all(|two| two[0].hash() == two[1].hash())
    }

    /// Gossips until all hold the same.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) where they do not after so many rounds; as [`Repo::sync_with`].
    ///
    /// Cost: a session for each replica and round.
    pub fn spread(&mut self, most_rounds: usize) -> Result<Spread> {
        let (mut spread, mut hashes) = (Spread::default(), Vec::new());
        while !self.is_in_sync() {
            if spread.rounds == most_rounds as u64 {
                let message = format!("after {most_rounds} rounds not all of them hold the same: {spread}");
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
            self.gossip(&mut spread)?;
            hashes.push(self.repos.iter().map(Repo::hash).collect::<Vec<_>>());
        }
        let last = self.repos.first().map(Repo::hash);
        let informed = |round: &Vec<_>| round.iter().filter(|hash| Some(**hash) == last).count();
        spread.informed = hashes.iter().map(informed).collect();
        Ok(spread)
    }

    /// One round.
    fn gossip(&mut self, spread: &mut Spread) -> Result<()> {
        self.round += 1;
        self.clock.set(0, self.round);
        spread.rounds += 1;
        let here: Vec<usize> =
            (0..self.repos.len()).filter(|_| self.random.below(100) >= self.away_in_100).collect();
        for (place, who) in here.iter().enumerate() {
            let other = (place + 1 + self.random.below(here.len().max(2) - 1)) % here.len();
            if *who != here[other] {
                self.meet(*who, here[other], spread)?;
            }
        }
        Ok(())
    }

    fn meet(&mut self, who: usize, whom: usize, spread: &mut Spread) -> Result<()> {
        let fate = match self.random.below(100) < self.broken_in_100 {
            true => Fate::Cut(self.random.below(300)),
            false => Fate::Whole,
        };
        let (caller, called) = (&self.repos[who], &self.repos[whom]);
        let is_idle = caller.hash() == called.hash();
        let mut link = Link::new([who, whom], [caller, called], fate, 0, None);
        loop {
            match link.advance() {
                Moved::On => {}
                Moved::Over => {
                    spread.sessions += 1;
                    spread.idle += u64::from(is_idle);
                    spread.idle_bytes += if is_idle { link.said as u64 } else { 0 };
                    break;
                }
                Moved::Broken(Some((_, error))) if !link.disturbed => return Err(error),
                Moved::Broken(_) => {
                    spread.broken += 1;
                    break;
                }
            }
        }
        spread.bytes += link.said as u64;
        Ok(())
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("replicas", &self.repos.len()).finish_non_exhaustive()
    }
}
