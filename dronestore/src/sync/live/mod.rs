//! Live: a session in which both sides stay, and say what is committed as it is committed.
//!
//! Both may speak at any time. The change log is the queue: each side keeps its place in it, and a bounded list of what it
//! is about to say. `points` is how both learn that they hold the same, `again` how they go back to comparing.
//!
//! Absent from here: clocks. The carrier says when it is time to show that one is there.

mod again;
mod points;
mod push;

use super::message::{Digest, Hello, STAYS, digest};
use super::session::{Phase, Role, Session};
use super::walk::Id;
use crate::repo::{Arrival, Remembered, Traffic, rows};
use dronestore_core::bytes::Reader;
use dronestore_core::{ActorId, Error, Result};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// How many versions are remembered as having come from the other side; of others it may get its own back.
const MOST_CAME: usize = 64 << 10;
/// How many schemas are remembered to be on the other side; others go there again.
const MOST_SCHEMAS: usize = 4096;
/// How many versions may come in vain between two moments that the carrier gives, beside two for each object.
const IN_VAIN: u64 = 100_000;
/// How many objects a report names at most that could not be merged or sent.
const MOST_NAMED: usize = 1000;

/// What a side keeps that stays.
#[derive(Default)]
pub(super) struct Live {
    /// Whether it stays where the other side does.
    pub(super) stays: bool,
    /// What the log has before this row was said, is about to be, or is theirs.
    cursor: u64,
    /// Whether the log no longer goes back to the cursor.
    lost: bool,
    /// Rows that are about to be said, each with the version that stood there.
    pending: BTreeMap<Vec<u8>, Id>,
    /// How many bytes those take.
    pending_bytes: usize,
    /// Versions that came from the other side and that the log, from the cursor on, may tell of.
    came: HashSet<Id>,
    /// Rows of schemas that went out or came in.
    schemas: BTreeSet<Vec<u8>>,
    /// Which row of the log was to come when the digest was taken that both sides compare.
    digest_row: u64,
    digest: Digest,
    /// How many versions came in vain since the carrier last gave a moment.
    in_vain: u64,
    points: points::Points,
    again: again::Again,
}

impl Live {
    fn forget(&mut self, cursor: u64) {
        (self.cursor, self.lost) = (cursor, false);
        self.pending.clear();
        (self.came, self.pending_bytes) = (HashSet::new(), 0);
    }

    fn drop_pending(&mut self, row: &[u8]) {
        if self.pending.remove(row).is_some() {
            self.pending_bytes -= row.len();
        }
    }

    /// Notes which row of the log was to come when this was the digest.
    pub(super) fn note(&mut self, row: u64, digest: Digest) -> Digest {
        (self.digest_row, self.digest) = (row, digest);
        digest
    }

    /// From where the digest was taken on the log has what the other side may lack.
    pub(super) fn follow(&mut self) {
        self.forget(self.digest_row);
    }

    /// Where both held what the digest says, the last that was taken.
    pub(super) fn point(&self, digest: Digest) -> Remembered {
        Remembered { sequence: self.digest_row, digest }
    }
}

/// Reads that word: who says it, and whether it stays.
pub(super) fn read_same(reader: &mut Reader<'_>) -> Result<(ActorId, bool)> {
    let actor = ActorId::from_bytes(reader.array()?);
    match reader.rest() {
        [] => Ok((actor, false)),
        _ if reader.byte()? == STAYS => Ok((actor, true)),
        _ => Err(Error::corrupt("what came is not the beginning of a sync")),
    }
}

impl Session {
    /// Stays when both hold the same, if the other side does so too: from then on what is committed to either repo is
    /// sent to the other.
    ///
    /// In a session that [is live](Session::is_live) **both sides may speak at any time**: what comes goes to `receive`
    /// whenever it comes, and `send` gives what is new whenever it is asked, best when the repo has changed
    /// ([`Repo::wait_for_change`](crate::Repo::wait_for_change)) and after each `receive`. Every few seconds
    /// [`keep_alive`](Session::keep_alive) has to be called. It has no end of its own: the carrier hangs up.
    ///
    /// A session [within](Session::within) a scope does not stay: it ends as others do.
    ///
    /// Every commit reaches the other side, or is found at the next meeting. Of an object that was changed often since
    /// the last `send` only the newest version travels. Nothing is queued: what waits is the change log.
    #[must_use]
    pub fn live(mut self) -> Session {
        self.live.stays = true;
        self
    }

    /// Whether both sides stay and have come to that.
    pub fn is_live(&self) -> bool {
        self.phase == Phase::Live
    }

    /// Whether both sides stay, be it that they compare what they hold at the moment.
    pub(crate) fn stays(&self) -> bool {
        self.would_stay() && self.theirs.is_some_and(|theirs| theirs.stays)
    }

    /// Whether this side would: not in a scope, whose digest takes a pass over it each time.
    pub(super) fn would_stay(&self) -> bool {
        self.live.stays && self.scope.is_everything()
    }

    /// Whether both held the same when they last compared, and nothing has changed here since.
    pub fn is_in_sync(&self) -> bool {
        match self.phase {
            Phase::Live => self.live.points.agreed() == Some(digest(&self.repo.totals().meta)),
            _ => self.report.in_sync,
        }
    }

    /// The answerer's word for holding the same: who it is, and whether it stays.
    pub(super) fn same(&self, actor: ActorId) -> Vec<u8> {
        let mut same = actor.as_bytes().to_vec();
        if self.stays() {
            same.push(STAYS);
        }
        same
    }

    /// Takes that word: what the other side would say of itself is what we said.
    pub(super) fn hear_same(&mut self, actor: ActorId, stays: bool) {
        if stays && self.would_stay() {
            let ours = Hello::new(&self.repo.totals(), false, self.said_digest);
            self.theirs = Some(Hello { actor, stays, ..ours });
        }
    }

    /// Both have compared: the session is over, or they stay.
    pub(super) fn stay(&mut self, in_sync: bool) {
        if let Some(meeting) = self.meeting.as_ref().filter(|_| in_sync) {
            meeting.in_sync(self.repo.wall_time());
        }
        if self.stays() {
            self.begin_live(in_sync);
        }
    }

    fn begin_live(&mut self, in_sync: bool) {
        if in_sync {
            // What came and went before is on both sides.
            self.live.follow();
        }
        if let Some(theirs) = self.theirs.as_mut().filter(|theirs| theirs.empty) {
            // It has taken what there is here, and with it the database.
            (theirs.empty, theirs.database) = (false, self.repo.database());
        }
        (self.inbox_bytes, self.turn, self.limits) = (0, Default::default(), Default::default());
        self.live.again.end(in_sync);
        self.live.in_vain = 0;
        self.live.points.begin(in_sync.then_some(self.live.digest));
        self.phase = Phase::Live;
    }

    /// Notes what came: it need not be sent back.
    pub(super) fn note_arrivals(&mut self, arrivals: &[Arrival], in_vain: usize) -> Result<()> {
        if !self.stays() {
            return Ok(());
        }
        for version in arrivals.iter().map(|arrival| &arrival.version) {
            let id = super::walk::id(&version.hash());
            let row = rows::head(version.kind(), version.key());
            if self.live.pending.get(&row) == Some(&id) {
                self.live.drop_pending(&row);
            } else if self.live.came.len() < MOST_CAME {
                self.live.came.insert(id);
            }
        }
        // The log is gone through as it grows, so that little has to be remembered.
        self.catch_up()?;
        if self.phase == Phase::Live {
            self.report.received.forked.truncate(MOST_NAMED);
            self.live.points.moved(arrivals.len());
            // Several others may bring what this one brings too.
            (self.limits, self.live.in_vain) = (Default::default(), self.live.in_vain + in_vain as u64);
            if self.live.in_vain > 2 * self.repo.len() + IN_VAIN {
                return Err(Error::corrupt("the other side sends what is known again and again"));
            }
        }
        Ok(())
    }

    /// Notes a schema that came.
    pub(super) fn note_schemas(&mut self, schemas: &[(Vec<u8>, Vec<u8>)]) {
        if self.live.schemas.len() < MOST_SCHEMAS {
            self.live.schemas.extend(schemas.iter().map(|(row, _)| row.clone()));
        }
    }

    /// A moment has passed, of some seconds: has a live session show the other side that it is there. The caller speaks,
    /// and the other side answers, so both hear something. What both agree on is remembered then. Ask `send` afterwards.
    pub fn keep_alive(&mut self) {
        if self.phase == Phase::Live {
            self.live.in_vain = 0;
            self.live.again.rest();
            if self.role == Role::Caller {
                self.live.points.wake();
            }
        }
    }

    /// Notes what has passed, for [`Repo::peers`](crate::Repo::peers).
    pub(super) fn note_traffic(&mut self) {
        let (report, received) = (&self.report, &self.report.received);
        let traffic = Traffic {
            bytes_in: report.bytes_in,
            bytes_out: report.bytes_out,
            versions_in: (received.new + received.forwarded + received.merged + received.known) as u64,
            versions_out: report.sent as u64,
        };
        if let Some(meeting) = &mut self.meeting {
            meeting.note(traffic);
        }
    }
}
