//! Again: from a live session back to comparing, on the same connection.
//!
//! Where the change log was trimmed beyond a side's place in it, or both have said all and do not hold the same, they
//! compare as at the beginning, in turns. The caller says `again` and no more; the answerer ends what it is saying, says
//! `again` too, and it is the caller's turn. An answerer that wants it says `lost`.

use super::super::delta::Deltas;
use super::super::frame::Frame;
use super::super::hear::unexpected;
use super::super::message::kind;
use super::super::questions::Questions;
use super::super::session::{Phase, Role, Session};
use super::super::since::Past;
use super::super::sketch::Sketch;
use dronestore_core::{Error, Result};

/// For how many moments of the carrier's a side that compares in vain waits at most until it does so again.
const REST: u32 = 64;
/// How often the caller may want to compare between two such moments.
const MOST_WANTED: u32 = 16;

/// How far two are on the way back.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Step {
    #[default]
    No,
    /// There is reason to.
    Wanted,
    /// The other side was told: nothing more is said until it answers.
    Said,
    /// The other side has told this one, the answerer, which answers when it has said what it is saying.
    Heard,
}

/// The way back to comparing.
#[derive(Debug, Default)]
pub(super) struct Again {
    step: Step,
    /// How often they compared since they last agreed.
    times: u32,
    /// How many moments to wait until they may again.
    rest: u32,
    /// How often the other side wanted to since the last moment.
    wanted: u32,
}

impl Again {
    /// A moment has passed.
    pub(super) fn rest(&mut self) {
        (self.rest, self.wanted) = (self.rest.saturating_sub(1), 0);
    }

    /// They have compared.
    pub(super) fn end(&mut self, in_sync: bool) {
        self.step = Step::No;
        if in_sync {
            (self.times, self.rest) = (0, 0);
        }
    }
}

impl Session {
    /// There is reason to compare again: both differ, or the log does not go back far enough.
    pub(super) fn want_again(&mut self) {
        let again = &mut self.live.again;
        if again.step == Step::No {
            again.step = Step::Wanted;
        }
    }

    /// Both held the same when the log was about to get this row.
    pub(super) fn settle(&mut self, row: u64) {
        (self.live.again.times, self.live.again.rest) = (0, 0);
        // The caller may have been asked by the other side, which waits then.
        if self.live.again.step == Step::Wanted && self.role == Role::Answerer {
            self.live.again.step = Step::No;
        }
        if self.live.lost {
            self.live.forget(row);
        }
    }

    /// Whether nothing more is said until the other side has answered.
    pub(super) fn is_leaving(&self) -> bool {
        self.live.again.step == Step::Said
    }

    /// Says what leads back to comparing, where that is wanted; says whether nothing else is to be said.
    pub(super) fn leave(&mut self) -> Result<bool> {
        Ok(match (self.live.again.step, self.role) {
            (Step::No, _) => false,
            (Step::Said, _) => true,
            (Step::Wanted, _) if self.live.again.rest > 0 => self.live.lost,
            (Step::Wanted, Role::Caller) if self.live.points.is_waiting() => true,
            (Step::Wanted, Role::Caller) => {
                self.live.again.step = Step::Said;
                self.outgoing.frame(kind::AGAIN, &[]);
                true
            }
            (Step::Wanted, Role::Answerer) => {
                self.live.again.step = Step::Said;
                self.outgoing.frame(kind::LOST, &[]);
                true
            }
            (Step::Heard, _) => {
                self.begin_again()?;
                self.outgoing.frame(kind::AGAIN, &[]);
                self.listen();
                true
            }
        })
    }

    /// The other side wants to compare again, or is ready to.
    pub(super) fn heard_again(&mut self, frame: &Frame) -> Result<()> {
        let again = &mut self.live.again;
        let is_waited_for = match self.role {
            Role::Caller => again.step == Step::Said,
            Role::Answerer => again.step != Step::Heard && !self.live.points.is_waiting(),
        };
        if !frame.is_empty() || !is_waited_for {
            return Err(unexpected());
        }
        if self.role == Role::Answerer {
            (again.step, again.wanted) = (Step::Heard, again.wanted + 1);
            if again.wanted > MOST_WANTED {
                return Err(Error::corrupt("the other side compares again and again"));
            }
            return Ok(());
        }
        self.begin_again()?;
        self.phase = Phase::Speaking;
        self.questions.begin();
        Ok(())
    }

    /// The answerer cannot say what is new.
    pub(super) fn heard_lost(&mut self, frame: &Frame) -> Result<()> {
        if !frame.is_empty() || self.role != Role::Caller {
            return Err(unexpected());
        }
        self.want_again();
        Ok(())
    }

    /// Nothing is left of what this session had found out.
    fn begin_again(&mut self) -> Result<()> {
        let again = &mut self.live.again;
        again.rest = (1 << again.times.min(16)).min(REST);
        again.times += 1;
        self.said_digest = self.digest()?;
        self.live.follow();
        (self.index, self.view, self.within, self.walk) = (None, None, None, None);
        (self.past, self.deltas, self.sketch) = (Past::default(), Deltas::default(), Sketch::default());
        (self.summed, self.offered_digest) = (None, None);
        (self.turn, self.limits, self.inbox_bytes) = (Default::default(), Default::default(), 0);
        self.inbox.clear();
        self.returns.clear();
        (self.frame, self.questions) = (Frame::default(), Questions::default());
        Ok(())
    }
}
