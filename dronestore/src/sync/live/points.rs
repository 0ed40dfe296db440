//! Points: the caller says what it holds, the answerer whether it holds the same. Then both know it.
//!
//! Frames come in order. So when the answerer answers, it has taken in all that the caller had said before the point, and
//! when the answer comes, the caller has taken in all that the answerer had said before it.

use super::super::frame::Frame;
use super::super::hear::{unexpected, whole};
use super::super::message::{Digest, digest, kind};
use super::super::session::{Role, Session};
use dronestore_core::Result;

/// After how many versions a point is remembered without waiting for a moment of the carrier's: before the log is trimmed.
const MANY: usize = 512;

/// What the answerer says to a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    /// Not the same yet: there is more to say.
    NotYet = 0,
    Same = 1,
    /// Not the same, and the answerer has said all.
    Differs = 2,
}

/// A point that was said.
#[derive(Debug, Clone, Copy)]
struct Point {
    digest: Digest,
    row: u64,
    /// Whether both remember it if they agree.
    keep: bool,
    /// Whether all was said when it was said.
    all_said: bool,
}

/// What has become of the points of a session.
#[derive(Debug, Default)]
pub(super) struct Points {
    /// The caller's point that waits for its answer, or the one that the answerer has to answer.
    open: Option<Point>,
    /// The last that was answered.
    last: Option<Point>,
    /// What both last held.
    agreed: Option<Digest>,
    /// Whether a version came since the last point was said.
    moved: bool,
    /// How many came and went since a point was remembered.
    unkept: usize,
    /// Whether one is to be said now.
    is_due: bool,
}

impl Points {
    /// Live begins; both held this, or not the same.
    pub(super) fn begin(&mut self, agreed: Option<Digest>) {
        *self = Points { agreed, ..Points::default() };
    }

    pub(super) fn agreed(&self) -> Option<Digest> {
        self.agreed
    }

    /// So many versions came or went.
    pub(super) fn moved(&mut self, count: usize) {
        self.moved = true;
        self.unkept += count;
    }

    /// Whether a point has not been answered yet.
    pub(super) fn is_waiting(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn wake(&mut self) {
        self.is_due = true;
    }

    /// Whether a caller that holds this and has said all has reason to ask.
    fn is_open(&self, now: Digest) -> bool {
        match self.last {
            _ if self.agreed == Some(now) => false,
            None => true,
            Some(point) if point.digest != now => true,
            Some(point) => self.moved || !point.all_said,
        }
    }
}

impl Session {
    /// The caller's side: says a point where there is reason to.
    pub(super) fn say_point(&mut self) {
        if self.role != Role::Caller || self.live.points.open.is_some() || self.is_leaving() {
            return;
        }
        let totals = self.repo.totals();
        let now = digest(&totals.meta);
        let all_said = self.has_said_all(totals.next_row);
        let points = &mut self.live.points;
        if !(points.is_due || all_said && points.is_open(now)) {
            return;
        }
        let keep = points.is_due || points.unkept >= MANY;
        points.open = Some(Point { digest: now, row: totals.next_row, keep, all_said });
        (points.moved, points.is_due) = (false, false);
        let mut body = now.to_vec();
        body.push(u8::from(keep));
        self.outgoing.frame(kind::POINT, &body);
    }

    /// The answerer's side: keeps the point until it says what it has to say.
    pub(super) fn heard_point(&mut self, frame: &mut Frame) -> Result<()> {
        let (digest, keep) = whole(frame, |reader| Ok((reader.array()?, reader.byte()? == 1)))?;
        if self.role != Role::Answerer || self.live.points.open.is_some() {
            return Err(unexpected());
        }
        self.live.points.open = Some(Point { digest, row: 0, keep, all_said: true });
        Ok(())
    }

    /// The answerer's side: says whether it holds what the point says. It comes behind one piece of what is to be said, so
    /// that the other side need not wait long.
    pub(super) fn answer_point(&mut self) {
        if self.role != Role::Answerer {
            return;
        }
        let Some(point) = self.live.points.open.take() else { return };
        let totals = self.repo.totals();
        let compared = match digest(&totals.meta) == point.digest {
            true => Compared::Same,
            false if self.has_said_all(totals.next_row) => Compared::Differs,
            false => Compared::NotYet,
        };
        self.note_compared(Point { row: totals.next_row, ..point }, compared);
        self.outgoing.frame(kind::COMPARED, &[compared as u8]);
    }

    /// The caller's side: the answer to its point.
    pub(super) fn heard_compared(&mut self, frame: &mut Frame) -> Result<()> {
        let compared = match whole(frame, |reader| reader.byte())? {
            0 => Compared::NotYet,
            1 => Compared::Same,
            2 => Compared::Differs,
            _ => return Err(unexpected()),
        };
        let point =
            self.live.points.open.take().filter(|_| self.role == Role::Caller).ok_or_else(unexpected)?;
        self.note_compared(point, compared);
        let totals = self.repo.totals();
        let is_as_it_was = digest(&totals.meta) == point.digest && self.has_said_all(totals.next_row);
        if compared == Compared::Differs && point.all_said && is_as_it_was {
            // Both have said all, and taken in all.
            self.want_again();
        }
        Ok(())
    }

    fn note_compared(&mut self, point: Point, compared: Compared) {
        let is_same = compared == Compared::Same;
        self.report.in_sync = is_same;
        self.live.points.last = Some(point);
        if !is_same {
            return;
        }
        self.live.points.agreed = Some(point.digest);
        self.settle(point.row);
        if let Some(meeting) = &self.meeting {
            meeting.in_sync(self.repo.wall_time());
        }
        if point.keep {
            self.live.points.unkept = 0;
            self.live.note(point.row, point.digest);
            self.remember_peer(point.digest);
        }
    }
}
