//! Their turn: what came in is merged if it is a version, and else kept until it is our turn.

use super::frame::Frame;
use super::live;
use super::message::{Digest, Hello, Refusal, kind};
use super::scope::Scope;
use super::session::{Phase, Role, Session};
use super::since::Since;
use super::sketch::Stage;
use super::wire::{Arrived, MAX_BODY};
use crate::repo::{Arrival, rows};
use dronestore_core::bytes::Reader;
use dronestore_core::{Error, Nanotime, Result};

/// How many bytes the questions and answers of one turn may take.
const INBOX: usize = 16 << 20;
/// How many turns may go by in which no version moves.
const IDLE_TURNS: u64 = 100_000;
/// How many versions may come or go beyond those that an honest session needs.
const SPARE: u64 = 1000;
/// How far ahead a stamp is that is reported.
const AHEAD_NS: u64 = 60_000_000_000;

impl Session {
    /// Takes a frame.
    pub(super) fn heard(&mut self, mut frame: Frame) -> Result<()> {
        self.turn.heard += 1;
        let kind = frame.kind();
        if kind == kind::REFUSE {
            self.refused = true;
            return Err(Refusal::error(whole(&mut frame, |reader| reader.byte())?));
        }
        if self.phase == Phase::Live {
            return self.heard_live(frame);
        }
        if self.theirs.is_none() || kind == kind::HELLO || kind == kind::SAME {
            return self.heard_first(kind, &mut frame);
        }
        if self.large_in.is_some() && kind != kind::MORE {
            return Err(Error::corrupt("a large version is broken off"));
        }
        match kind {
            kind::VERSIONS => self.heard_versions(&mut frame),
            kind::DELTAS if self.phase != Phase::Closing => self.heard_deltas(&mut frame),
            kind::MEMORY if self.role == Role::Caller => self.hear_memory(&mut frame),
            kind::LARGE => self.heard_large(&mut frame),
            kind::MORE => self.heard_more(&mut frame),
            kind::TURN => self.heard_turn(&mut frame),
            kind::DONE => self.heard_done(&mut frame),
            kind::ASK => self.keep(frame),
            kind::CHECK | kind::EXCHANGE if self.role == Role::Answerer && !self.turn.we_have_more => {
                // Questions about ranges say that the caller goes neither by what is remembered nor by a sketch.
                self.past.since = Since::No;
                self.sketch.give_up();
                self.keep(frame)
            }
            kind::SINCE if self.role == Role::Answerer => {
                self.past.hear_list()?;
                self.keep(frame)
            }
            kind::ANSWER if self.role == Role::Caller => self.keep(frame),
            kind::ESTIMATE..=kind::OFFERED if self.role == Role::Caller || !self.turn.we_have_more => {
                self.heard_of_sketch(&mut frame)
            }
            _ => Err(unexpected()),
        }
    }

    /// The first thing that the other side says.
    fn heard_first(&mut self, kind: u8, frame: &mut Frame) -> Result<()> {
        match kind {
            _ if self.theirs.is_some() => Err(unexpected()),
            kind::HELLO => {
                let said = self.ours.map(|ours| ours.database);
                let (hello, scope) = whole(frame, |reader| {
                    let hello = Hello::decode(reader, said)?;
                    let scope =
                        if hello.scoped { Scope::decode(reader.slice()?)? } else { Scope::everything() };
                    Ok((hello, scope))
                })?;
                self.hear_hello(hello, &scope)
            }
            kind::SAME if self.role == Role::Caller => {
                let (actor, stays) = whole(frame, live::read_same)?;
                self.note_peer(actor);
                self.hear_same(actor, stays);
                self.report.database = Some(self.repo.database());
                self.expect_known(true);
                self.finish(true);
                Ok(())
            }
            _ => Err(Error::corrupt("what came is not the beginning of a sync")),
        }
    }

    /// Keeps a frame for our turn.
    fn keep(&mut self, frame: Frame) -> Result<()> {
        if self.phase == Phase::Closing {
            return Err(unexpected());
        }
        self.inbox_bytes += frame.weight();
        self.inbox.push_back(frame);
        self.check_inbox()
    }

    pub(super) fn check_inbox(&self) -> Result<()> {
        if self.inbox_bytes <= INBOX {
            return Ok(());
        }
        Err(Error::corrupt("the other side says more in one turn than it was asked"))
    }

    fn heard_turn(&mut self, frame: &mut Frame) -> Result<()> {
        let flags = match frame.is_empty() {
            true => 0,
            false => whole(frame, |reader| reader.byte())?,
        };
        self.turn_is_over(flags & 1 == 1, flags & 2 == 2)
    }

    fn turn_is_over(&mut self, more: bool, may_end: bool) -> Result<()> {
        if self.phase == Phase::Closing {
            return Err(unexpected());
        }
        self.limits.idle += 1;
        let said_nothing = self.turn.heard == 1;
        let had_to_say = more || (self.role == Role::Answerer && !self.turn.we_have_more);
        if self.limits.idle > IDLE_TURNS || (said_nothing && had_to_say) {
            return Err(Error::corrupt("the other side takes its turn and says nothing"));
        }
        (self.turn.said, self.turn.asked, self.turn.expects) = (0, 0, false);
        if !self.turn.we_have_more {
            self.turn.answered = 0;
        }
        (self.turn.they_have_more, self.turn.may_end) = (more, may_end);
        self.offered_digest = None;
        self.phase = Phase::Speaking;
        Ok(())
    }

    fn heard_done(&mut self, frame: &mut Frame) -> Result<()> {
        let theirs = self.read_digest(frame)?;
        let ours = match (self.role, self.phase) {
            // What it said is what the other side compared with its own.
            (Role::Caller, Phase::Closing) => self.said_digest,
            (Role::Caller, _) if self.turn.may_end => {
                // There is nothing more to come; whether that is the end is for the caller to say.
                self.turn_is_over(false, false)?;
                self.offered_digest = Some(theirs);
                return Ok(());
            }
            (Role::Answerer, _) if self.offered_digest == Some(theirs) => {
                // The caller takes the offer, and waits for nothing.
                self.finish(true);
                self.remember_peer(theirs);
                return Ok(());
            }
            (Role::Answerer, _) if self.inbox.is_empty() && !self.turn.we_have_more => {
                let ours = self.digest()?;
                self.say_digest(ours, Some(theirs));
                ours
            }
            _ => return Err(unexpected()),
        };
        let goes_on = self.past.since != Since::No || self.sketch.stage == Stage::Used;
        if ours != theirs && goes_on {
            // What the sketch found, or both remembered, was not all: now by ranges.
            self.go_on_by_ranges();
            return Ok(());
        }
        self.finish(ours == theirs);
        self.remember_peer(ours);
        Ok(())
    }

    /// The digest of a `done`: nothing stands for the last that was said.
    fn read_digest(&self, frame: &mut Frame) -> Result<Digest> {
        if !frame.is_empty() {
            return whole(frame, |reader| reader.array());
        }
        let said = match (self.role, self.phase) {
            (Role::Caller, Phase::Closing) => Some(self.said_digest),
            (Role::Caller, _) => None,
            (Role::Answerer, _) => self.offered_digest,
        };
        said.or(self.theirs.map(|theirs| theirs.digest)).ok_or_else(unexpected)
    }

    pub(super) fn heard_versions(&mut self, frame: &mut Frame) -> Result<()> {
        let (mut arrivals, mut schemas) = (Vec::new(), Vec::new());
        while !frame.is_empty() {
            let taking = &mut self.taking;
            let (arrived, asks) = frame.read(|reader| {
                let head = reader.length()?;
                Ok((taking.read(reader.take(head >> 1)?)?, head & 1 == 1))
            })?;
            match arrived {
                Arrived::Version(version) => arrivals.push(Arrival { version, asks, came_of: None }),
                Arrived::Schema(row, bytes) => schemas.push((row, bytes)),
            }
        }
        self.take_in(&arrivals, &schemas)
    }

    pub(super) fn heard_large(&mut self, frame: &mut Frame) -> Result<()> {
        let head = whole(frame, |reader| reader.length())?;
        if head >> 1 > MAX_BODY {
            return Err(Error::corrupt("a version of more than 32 MiB is not accepted"));
        }
        self.large_in = Some((head >> 1, head & 1 == 1, Vec::new()));
        Ok(())
    }

    pub(super) fn heard_more(&mut self, frame: &mut Frame) -> Result<()> {
        let Some((length, asks, mut body)) = self.large_in.take() else { return Err(unexpected()) };
        frame.read(|reader| {
            body.extend_from_slice(reader.take(reader.rest().len())?);
            Ok(())
        })?;
        if body.len() < length {
            self.large_in = Some((length, asks, body));
            return Ok(());
        }
        if body.len() > length {
            return Err(Error::corrupt("a large version is longer than it said"));
        }
        match self.taking.read(&body)? {
            Arrived::Version(version) => self.take_in(&[Arrival { version, asks, came_of: None }], &[]),
            Arrived::Schema(row, bytes) => self.take_in(&[], &[(row, bytes)]),
        }
    }

    /// Merges what arrived, in one batch.
    pub(super) fn take_in(&mut self, arrivals: &[Arrival], schemas: &[(Vec<u8>, Vec<u8>)]) -> Result<()> {
        let is_live = self.phase == Phase::Live;
        if self.phase == Phase::Closing || is_live && arrivals.iter().any(|arrival| arrival.asks) {
            return Err(unexpected());
        }
        self.check_scope(arrivals.iter().map(|arrival| &arrival.version), schemas)?;
        // Schemas are of no database.
        let database = if arrivals.is_empty() { None } else { self.joins() };
        self.view = None;
        let (report, returns) = self.repo.take_in(arrivals, schemas, database)?;
        self.limits.idle = 0;
        // Deltas were counted before they were looked at.
        let whole = arrivals.iter().filter(|arrival| arrival.came_of.is_none()).count();
        self.limits.arrived += whole as u64;
        arrivals.iter().for_each(|arrival| self.sketch.settle(&arrival.version.hash()));
        self.limits.news += (report.new + report.forwarded + report.merged) as u64;
        let in_vain = report.known;
        self.report.received.add(report);
        self.note_times(arrivals);
        self.note_schemas(schemas);
        self.note_arrivals(arrivals, in_vain)?;
        for number in returns {
            let version = &arrivals[number].version;
            let row = rows::head(version.kind(), version.key());
            self.inbox_bytes += row.len();
            self.returns.push_back(row);
        }
        self.check_inbox()?;
        // Each object comes at most twice: found, and given back.
        if self.limits.arrived > 2 * (self.repo.len() + self.limits.news) + SPARE {
            return Err(Error::corrupt("the other side sends the same again and again"));
        }
        Ok(())
    }

    fn note_times(&mut self, arrivals: &[Arrival]) {
        let most = self.repo.wall_time().as_nanos().saturating_add(AHEAD_NS);
        let times = arrivals.iter().map(|arrival| arrival.version.committed());
        let ahead = times.filter(|time| *time > Nanotime::from_nanos(most)).max();
        self.report.ahead = self.report.ahead.max(ahead);
    }

    /// Counts a version that goes out: nobody has to be given one more than twice.
    pub(super) fn count_given(&mut self) -> Result<()> {
        self.limits.given += 1;
        if self.limits.given > 3 * self.repo.len() + SPARE {
            return Err(Error::corrupt("the other side asks for the same again and again"));
        }
        Ok(())
    }
}

/// Reads a frame to its end.
pub(super) fn whole<R>(frame: &mut Frame, read: impl FnOnce(&mut Reader<'_>) -> Result<R>) -> Result<R> {
    let read = frame.read(read)?;
    if frame.is_empty() { Ok(read) } else { Err(Error::corrupt("a frame is longer than what it says")) }
}

pub(super) fn unexpected() -> Error {
    Error::corrupt("the other side says what it may not say now")
}
