//! Meetings: who was met, when, and what passed; [`Repo::peers`].
//!
//! What passes is counted in memory and written with the next point that is remembered of a peer, so that a meeting in
//! which nothing moved writes nothing.

use super::count::Count;
use super::peers::PeerRow;
use super::{Repo, rows};
use dronestore_core::bytes::{Reader, put_slice, put_varint};
use dronestore_core::store::{Direction, Range};
use dronestore_core::{ActorId, Nanotime, Result};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How many changed objects are counted.
const MOST_BEHIND: usize = 50_000;
/// The longest address that is kept.
const MAX_ADDRESS: usize = 512;
/// Of how many peers what has passed is kept until it is written.
const MOST: usize = 4096;

/// What is known of another replica that this repo has met.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peer {
    /// Who it is.
    pub actor: ActorId,
    /// Where it was last called; `None` where it was always the other side that called.
    pub address: Option<String>,
    /// When it was first met, by this repo's clock; `None` where that was before it was written down.
    pub first_met: Option<Nanotime>,
    /// When it was last met.
    pub last_met: Option<Nanotime>,
    /// How many sessions there were.
    pub sessions: u64,
    /// Bytes that came from it.
    pub bytes_in: u64,
    /// Bytes that went to it.
    pub bytes_out: u64,
    /// Versions that came from it.
    pub versions_in: u64,
    /// Versions that went to it.
    pub versions_out: u64,
    /// When both were last known to hold the same.
    pub in_sync_at: Option<Nanotime>,
    /// How many objects have changed here, by whomever, since the last point that both remember of everything: at most so
    /// many it lacks. `None` where no point is remembered, where the change log no longer goes back so far, or for more than
    /// 50,000.
    pub behind: Option<u64>,
    /// Whether a session with it goes on.
    pub is_connected: bool,
}

/// `5ac08… at tcp://host:7070, connected; last met 2026-…; 3 sessions; 10 versions in, 4 out; 1200 bytes in, 900 out; 2 behind`.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.actor)?;
        if let Some(address) = &self.address {
            write!(f, " at {address}")?;
        }
        if self.is_connected {
            f.write_str(", connected")?;
        }
        if let Some(time) = self.last_met {
            write!(f, "; last met {time}")?;
        }
        let Peer { sessions, versions_in, versions_out, bytes_in, bytes_out, .. } = self;
        write!(f, "; {}; {} in", Count(*sessions, "session"), Count(*versions_in, "version"))?;
        write!(f, ", {versions_out} out; {bytes_in} bytes in, {bytes_out} out")?;
        match self.behind {
            Some(behind) => write!(f, "; {behind} behind"),
            None => f.write_str("; how far behind is not known"),
        }
    }
}

/// What passed between two repos.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) first_met: Option<Nanotime>,
    pub(crate) last_met: Option<Nanotime>,
    pub(crate) in_sync_at: Option<Nanotime>,
    pub(crate) sessions: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) versions_in: u64,
    pub(crate) versions_out: u64,
    pub(crate) address: Option<String>,
}

impl Record {
    /// Adds what passed later, or in another scope.
    pub(crate) fn add(&mut self, later: &Record) {
        if later.address.is_some() && (self.address.is_none() || later.last_met >= self.last_met) {
            self.address.clone_from(&later.address);
        }
        self.first_met = [self.first_met, later.first_met].into_iter().flatten().min();
        self.last_met = self.last_met.max(later.last_met);
        self.in_sync_at = self.in_sync_at.max(later.in_sync_at);
        self.sessions = self.sessions.saturating_add(later.sessions);
        self.bytes_in = self.bytes_in.saturating_add(later.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(later.bytes_out);
        self.versions_in = self.versions_in.saturating_add(later.versions_in);
        self.versions_out = self.versions_out.saturating_add(later.versions_out);
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        for time in [self.first_met, self.last_met, self.in_sync_at] {
            out.extend_from_slice(&time.map_or(0, Nanotime::as_nanos).to_be_bytes());
        }
        for number in [self.sessions, self.bytes_in, self.bytes_out, self.versions_in, self.versions_out] {
            put_varint(out, number);
        }
        put_slice(out, self.address.as_deref().unwrap_or_default().as_bytes());
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Record> {
        let mut time = || {
            let nanos = u64::from_be_bytes(reader.array()?);
            Ok((nanos > 0).then(|| Nanotime::from_nanos(nanos)))
        };
        let (first_met, last_met, in_sync_at) = (time()?, time()?, time()?);
        Ok(Record {
            first_met,
            last_met,
            in_sync_at,
            sessions: reader.varint()?,
            bytes_in: reader.varint()?,
            bytes_out: reader.varint()?,
            versions_in: reader.varint()?,
            versions_out: reader.varint()?,
            address: Some(reader.text()?).filter(|address| !address.is_empty()).map(str::to_owned),
        })
    }
}

/// What passed with one peer since it was last written, and how many sessions with it go on.
#[derive(Debug, Default)]
struct Present {
    unwritten: Record,
    open: usize,
}

/// The peers that were met since the repo was opened.
#[derive(Debug, Default)]
pub(crate) struct Meetings(Mutex<BTreeMap<ActorId, Arc<Mutex<Present>>>>);

impl Meetings {
    fn get(&self, actor: &ActorId) -> Option<Arc<Mutex<Present>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(actor).cloned()
    }

    /// `None` where there are too many.
    fn get_or_add(&self, actor: ActorId) -> Option<Arc<Mutex<Present>>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = all.len() < MOST || all.contains_key(&actor);
        has_room.then(|| all.entry(actor).or_default().clone())
    }
}

fn with<R>(present: &Mutex<Present>, work: impl FnOnce(&mut Present) -> R) -> R {
    work(&mut present.lock().unwrap_or_else(PoisonError::into_inner))
}

/// What has passed in a session so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) versions_in: u64,
    pub(crate) versions_out: u64,
}

/// A session with a peer that goes on until this is dropped.
#[derive(Debug)]
pub(crate) struct Meeting {
    present: Arc<Mutex<Present>>,
    noted: Traffic,
}

impl Meeting {
    /// Notes what has passed so far.
    pub(crate) fn note(&mut self, now: Traffic) {
        let before = std::mem::replace(&mut self.noted, now);
        if before == now {
            return;
        }
        with(&self.present, |present| {
            let record = &mut present.unwritten;
            record.bytes_in += now.bytes_in.saturating_sub(before.bytes_in);
            record.bytes_out += now.bytes_out.saturating_sub(before.bytes_out);
            record.versions_in += now.versions_in.saturating_sub(before.versions_in);
            record.versions_out += now.versions_out.saturating_sub(before.versions_out);
        });
    }

    /// Notes that both hold the same.
    pub(crate) fn in_sync(&self, now: Nanotime) {
        with(&self.present, |present| {
            (present.unwritten.in_sync_at, present.unwritten.last_met) = (Some(now), Some(now));
        });
    }
}

impl Drop for Meeting {
    fn drop(&mut self) {
        with(&self.present, |present| present.open = present.open.saturating_sub(1));
    }
}

impl Repo {
    /// A session with a peer begins; `None` where so many were met that this one is not written down.
    pub(crate) fn meet(&self, actor: ActorId, address: Option<&str>) -> Option<Meeting> {
        let (now, present) = (self.wall_time(), self.inner.meetings.get_or_add(actor)?);
        with(&present, |present| {
            present.open += 1;
            let address = address.filter(|address| address.len() <= MAX_ADDRESS).map(str::to_owned);
            let (first_met, last_met) = (Some(now), Some(now));
            present.unwritten.add(&Record { first_met, last_met, address, sessions: 1, ..Record::default() });
        });
        Some(Meeting { present, noted: Traffic::default() })
    }

    /// Takes what is to be written of a peer.
    pub(crate) fn take_unwritten(&self, actor: &ActorId) -> Record {
        let present = self.inner.meetings.get(actor);
        present
            .map(|present| with(&present, |present| std::mem::take(&mut present.unwritten)))
            .unwrap_or_default()
    }

    /// Puts back what could not be written.
    pub(crate) fn put_back(&self, actor: &ActorId, unwritten: &Record) {
        if let Some(present) = self.inner.meetings.get(actor) {
            with(&present, |present| {
                let later = std::mem::replace(&mut present.unwritten, unwritten.clone());
                present.unwritten.add(&later);
            });
        }
    }

    /// The replicas that this repo has met, in the order of their actors: who, when, how much, how far behind.
    ///
    /// At most 4,096 are remembered. What passes is written with the next session that ends in sync and had something to
    /// say, and at times while a live one goes on; what was counted since then is lost when the program ends.
    ///
    /// # Errors
    /// As [`Repo::view`].
    ///
    /// Cost: one read for each, and one pass over what the change log has since both agreed.
    pub fn peers(&self) -> Result<Vec<Peer>> {
        let view = self.view()?;
        let range = rows::all(rows::PEERS);
        let mut cursor = view.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
        let mut known: BTreeMap<ActorId, (PeerRow, usize)> = BTreeMap::new();
        while let Some((key, value)) = cursor.next()? {
            let Some(actor) = key.get(1..).and_then(|bytes| bytes.first_chunk()) else { continue };
            let (row, _) = known.entry(ActorId::from_bytes(*actor)).or_default();
            let PeerRow { points, record } = PeerRow::decode(value)?;
            row.record.add(&record);
            // How far somebody is behind is said of everything.
            if key.len() == 1 + ActorId::LENGTH {
                row.points = points;
            }
        }
        for (actor, present) in self.inner.meetings.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let (row, open) = known.entry(*actor).or_default();
            with(present, |present| {
                row.record.add(&present.unwritten);
                *open = present.open;
            });
        }
        known.into_iter().map(|(actor, (row, open))| self.peer(actor, row, open)).collect()
    }

    fn peer(&self, actor: ActorId, row: PeerRow, open: usize) -> Result<Peer> {
        let changed = match row.points.first() {
            Some(point) => self.changed_since(point.sequence, MOST_BEHIND)?,
            None => None,
        };
        let record = row.record;
        Ok(Peer {
            actor,
            address: record.address,
            first_met: record.first_met,
            last_met: record.last_met,
            sessions: record.sessions,
            bytes_in: record.bytes_in,
            bytes_out: record.bytes_out,
            versions_in: record.versions_in,
            versions_out: record.versions_out,
            in_sync_at: record.in_sync_at,
            behind: changed.map(|changed| changed.ways.len() as u64),
            is_connected: open > 0,
        })
    }
}
