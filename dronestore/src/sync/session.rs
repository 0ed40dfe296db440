//! Session: one meeting of two repos, as a state machine. Bytes in, bytes out.

use super::delta::Deltas;
use super::frame::{Frame, Incoming, Outgoing};
use super::live::Live;
use super::message::{Digest, Hello, Refusal, kind};
use super::questions::Questions;
use super::ranges::Index;
use super::report::SyncReport;
use super::scope::Scope;
use super::since::Past;
use super::sketch::Sketch;
use super::walk::Walk;
use super::wire::{Giving, Taking};
use super::within::{Summed, Within};
use crate::repo::{DatabaseId, Meeting, Repo, View, other_database};
use dronestore_core::bytes::put_slice;
use dronestore_core::{ActorId, Error, Result};
use std::collections::VecDeque;
use std::fmt;

/// About how many bytes one call of [`Session::send`] gives at most.
pub(super) const CHUNK: usize = 64 << 10;

/// One meeting of two repos: bytes in, bytes out, over whatever carries them. No thread, no socket, no clock of its own.
///
/// One side calls, the other answers; both send and both receive. They take turns: whoever is to speak has
/// [`send`](Session::send) give bytes until it gives none, then what comes from the other side goes to
/// [`receive`](Session::receive), in any pieces. So nothing is ever said while the other side is speaking, and a
/// carrier that blocks cannot come to a standstill.
///
/// What arrived and was verified is in the repo, durably, as soon as its frame is whole. A session may end at any
/// byte; another one goes on from what is there.
///
/// ```
/// use dronestore::sync::Session;
/// use dronestore::{Drone, Repo};
///
/// # #[derive(Drone)] struct Note { #[merge(latest)] text: String }
/// let phone = Repo::memory()?;
/// let laptop = Repo::builder().replica_of(&phone).open()?;
/// phone.update::<Note>("a", |note| { note.text = "from the phone".into(); Ok(()) })?;
/// laptop.update::<Note>("b", |note| { note.text = "from the laptop".into(); Ok(()) })?;
///
/// let (mut caller, mut answerer) = (Session::call(&phone), Session::answer(&laptop));
/// while !(caller.is_done() && answerer.is_done()) {
///     let mut wire = Vec::new();
///     caller.send(&mut wire)?;
///     answerer.receive(&wire)?;
///     wire.clear();
///     answerer.send(&mut wire)?;
///     caller.receive(&wire)?;
/// }
/// assert!(caller.report().in_sync);
/// assert_eq!(phone.hash(), laptop.hash());
/// # Ok::<(), dronestore::Error>(())
/// ```
pub struct Session {
    pub(super) repo: Repo,
    pub(super) role: Role,
    foreign: bool,
    /// What it is about: what this side named, and then what both did.
    pub(super) scope: Scope,
    pub(super) summed: Option<Summed>,
    pub(super) phase: Phase,
    /// What this side said of itself, and what the other did.
    pub(super) ours: Option<Hello>,
    pub(super) theirs: Option<Hello>,
    /// Where the other side was called.
    address: Option<String>,
    /// What is written down about meeting it.
    pub(super) meeting: Option<Meeting>,
    /// What we keep if we would stay.
    pub(super) live: Live,
    pub(super) incoming: Incoming,
    pub(super) outgoing: Outgoing,
    pub(super) giving: Giving,
    pub(super) taking: Taking,
    /// What both sides are compared by; made when first needed.
    pub(super) index: Option<Index>,
    /// What stands in the repo in our turn.
    pub(super) view: Option<View>,
    /// Which of its rows are in the scope.
    pub(super) within: Option<Within>,
    /// What the other side asked or answered, to be gone through when it is our turn.
    pub(super) inbox: VecDeque<Frame>,
    /// How much memory the inbox takes, about.
    pub(super) inbox_bytes: usize,
    /// The frame that is being gone through, and the walk that it asks for.
    pub(super) frame: Frame,
    pub(super) walk: Option<Walk>,
    /// Rows of which the other side lacks something that we have now.
    pub(super) returns: VecDeque<Vec<u8>>,
    /// What the caller still has to find out.
    pub(super) questions: Questions,
    /// A large version that is coming in: its length, whether its sender asks for ours, what is there of it.
    pub(super) large_in: Option<(usize, bool, Vec<u8>)>,
    /// A large version that is going out, and how much of it is gone.
    pub(super) large_out: Option<(Vec<u8>, usize)>,
    /// What both remember of each other.
    pub(super) past: Past,
    /// Versions as what differs from what the other side holds.
    pub(super) deltas: Deltas,
    /// Whether both go by a sketch, and how far they are.
    pub(super) sketch: Sketch,
    /// The digest that the caller began with, or ended with.
    pub(super) said_digest: Digest,
    /// The digest that the answerer offered to end with, in the turn that is over.
    pub(super) offered_digest: Option<Digest>,
    /// Whether the other side has said why it ended the session.
    pub(super) refused: bool,
    pub(super) turn: Turn,
    pub(super) limits: Limits,
    pub(super) report: SyncReport,
}

/// Who began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Caller,
    Answerer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Speaking,
    Listening,
    /// Both sides stay, and may speak at any time.
    Live,
    /// The caller has said that it is done.
    Closing,
    Over,
    Failed,
}

/// What the turn that goes on has come to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Turn {
    /// Bytes said in it.
    pub(super) said: usize,
    /// Whether anything said in it calls for an answer.
    pub(super) expects: bool,
    /// How many questions were put in it.
    pub(super) asked: usize,
    /// How many of theirs were answered since they last could ask.
    pub(super) answered: usize,
    /// How many frames the other side said in theirs.
    pub(super) heard: u64,
    /// Whether the caller has nothing further to ask, so that the answerer may offer to end.
    pub(super) may_end: bool,
    /// Whether the other side had more to say when its turn ended.
    pub(super) they_have_more: bool,
    /// Whether we had.
    pub(super) we_have_more: bool,
}

/// What keeps a session with anybody from going on for ever.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    pub(super) arrived: u64,
    pub(super) news: u64,
    pub(super) given: u64,
    /// How many turns went by since a version moved.
    pub(super) idle: u64,
}

impl Session {
    /// The side that begins.
    pub fn call(repo: &Repo) -> Session {
        let mut session = Session::new(repo, Role::Caller);
        session.phase = Phase::Speaking;
        session
    }

    /// The side that waits to be called.
    pub fn answer(repo: &Repo) -> Session {
        Session::new(repo, Role::Answerer)
    }

    fn new(repo: &Repo, role: Role) -> Session {
        Session {
            repo: repo.clone(),
            role,
            foreign: false,
            scope: Scope::everything(),
            summed: None,
            phase: Phase::Listening,
            ours: None,
            theirs: None,
            address: None,
            meeting: None,
            live: Live::default(),
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
            giving: Giving::default(),
            taking: Taking::default(),
            index: None,
            view: None,
            within: None,
            inbox: VecDeque::new(),
            inbox_bytes: 0,
            frame: Frame::default(),
            walk: None,
            returns: VecDeque::new(),
            questions: Questions::default(),
            large_in: None,
            large_out: None,
            past: Past::default(),
            deltas: Deltas::default(),
            sketch: Sketch::default(),
            said_digest: Digest::default(),
            offered_digest: None,
            refused: false,
            turn: Turn::default(),
            limits: Limits::default(),
            report: SyncReport::default(),
        }
    }

    /// Mixes the data of two databases on purpose, where the other side does so too. The two stay two databases.
    #[must_use]
    pub fn foreign(mut self) -> Session {
        self.foreign = true;
        self
    }

    /// Notes where the other side was called: [`Repo::peers`] says it.
    #[must_use]
    pub fn at(mut self, address: impl Into<String>) -> Session {
        self.address = Some(address.into());
        self
    }

    /// Takes bytes from the other side, in any pieces.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where they are not what this session may be told now,
    /// [`Mismatch`](crate::ErrorKind::Mismatch) where the other side holds another database,
    /// [`Unsupported`](crate::ErrorKind::Unsupported) where it speaks another version, and as [`Repo::merge`]. The
    /// session has ended then; what [`Session::send`] gives once more tells the other side why.
    pub fn receive(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let before = bytes.len();
            let frame = self.check_open().and_then(|()| self.incoming.take(&mut bytes));
            self.report.bytes_in += (before - bytes.len()) as u64;
            match frame {
                Ok(None) => {}
                Ok(Some(frame)) => {
                    self.heard(Frame::new(frame)).map_err(|error| self.fail(error))?;
                }
                Err(error) => return Err(self.fail(error)),
            }
        }
        self.note_traffic();
        Ok(())
    }

    /// Appends what is to be sent next, some 64 KiB of it; nothing where it is the other side's turn, or where all is
    /// said. Call it until it gives nothing.
    ///
    /// # Errors
    /// As [`Session::receive`]; also [`Store`](crate::ErrorKind::Store) where the store cannot be read.
    pub fn send(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let before = out.len();
        let mut result = Ok(());
        while self.phase == Phase::Speaking && self.outgoing.len() < CHUNK && result.is_ok() {
            result = self.speak().map_err(|error| self.fail(error));
        }
        if self.phase == Phase::Live {
            result = self.push().map_err(|error| self.fail(error));
        }
        self.outgoing.drain(out);
        let sent = out.len() - before;
        self.report.bytes_out += sent as u64;
        self.turn.said += sent;
        self.note_traffic();
        result
    }

    /// Whether the session came to its end: both sides have said so.
    pub fn is_done(&self) -> bool {
        self.phase == Phase::Over
    }

    /// What it has come to so far.
    pub fn report(&self) -> &SyncReport {
        &self.report
    }

    /// The repo.
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// The first thing that a caller says, and the first that an answerer does where both differ; whether its turn goes
    /// on behind it.
    pub(super) fn say_hello(&mut self, goes_on: bool) -> Result<()> {
        match self.role {
            // Where both hold the same the other side does not say its own.
            Role::Caller => {
                self.scope.check_named()?;
                self.report.scope.clone_from(&self.scope);
            }
            Role::Answerer => self.scope.check()?,
        }
        let estimate = self.estimate_at_once();
        self.said_digest = self.digest()?;
        self.live.follow();
        let scoped = !self.scope.is_everything();
        let hello = Hello::new(&self.repo.totals(), self.foreign, self.said_digest);
        let stays = self.would_stay();
        let hello = Hello { goes_on, scoped, stays, estimate, ..hello };
        let mut body = hello.encode(self.theirs.map(|theirs| theirs.database));
        self.ours = Some(hello);
        if scoped {
            put_slice(&mut body, &self.scope.encode());
        }
        self.outgoing.frame(kind::HELLO, &body);
        if goes_on {
            self.phase = Phase::Speaking;
        } else {
            self.listen();
        }
        Ok(())
    }

    /// It is the other side's turn.
    pub(super) fn listen(&mut self) {
        self.phase = Phase::Listening;
        self.report.turns += 1;
        self.turn.heard = 0;
        (self.view, self.within) = (None, None);
    }

    /// Takes the other side's hello.
    pub(super) fn hear_hello(&mut self, hello: Hello, scope: &Scope) -> Result<()> {
        let ours = self.repo.totals();
        self.note_peer(hello.actor);
        self.report.database = Some(hello.database);
        let is_foreign = ours.database != hello.database;
        let mixes = self.foreign && hello.foreign;
        if is_foreign && !mixes && !hello.empty && ours.meta.objects > 0 {
            return Err(other_database(ours.database, hello.database));
        }
        self.theirs = Some(hello);
        self.agree_on(scope);
        let is_same = hello.digest == self.digest()?;
        match self.role {
            Role::Answerer if is_same && (!is_foreign || mixes) => {
                self.live.follow();
                self.ours = Some(Hello::new(&ours, self.foreign, hello.digest));
                self.outgoing.frame(kind::SAME, &self.same(ours.actor));
                self.finish(true);
            }
            Role::Answerer => self.greet(&hello)?,
            Role::Caller => {
                if is_foreign && hello.empty && ours.meta.objects == 0 {
                    // Nothing will come that would have it join.
                    self.repo.take_in(&[], &[], Some(hello.database))?;
                }
                // In a scope that the caller had not named so it shows only now that there is nothing to ask.
                self.greeted(&hello, !is_same || hello.goes_on || self.scope.is_everything())?;
            }
        }
        Ok(())
    }

    /// Notes who the other side is.
    pub(super) fn note_peer(&mut self, actor: ActorId) {
        self.report.peer = Some(actor);
        self.report.is_copy = actor == self.repo.actor();
        self.meeting = self.repo.meet(actor, self.address.as_deref());
    }

    /// Which database what comes in is of; `None` where two are mixed on purpose, and where both were empty: the caller
    /// has joined the other. One that alone was empty and of another database has nothing to give until both hold the same:
    /// what it gives was written meanwhile, before or behind its joining.
    pub(super) fn joins(&self) -> Option<DatabaseId> {
        let theirs = self.theirs?;
        let mixes = self.foreign && theirs.foreign;
        let both_were_empty = theirs.empty && self.repo.is_empty();
        (!mixes && !both_were_empty).then_some(theirs.database)
    }

    /// Both sides have said all: the session is over, or they stay.
    pub(super) fn finish(&mut self, in_sync: bool) {
        self.report.in_sync = in_sync;
        self.phase = Phase::Over;
        (self.index, self.view, self.within, self.walk) = (None, None, None, None);
        self.sketch.clear();
        self.stay(in_sync);
    }

    fn check_open(&self) -> Result<()> {
        match self.phase {
            Phase::Listening | Phase::Closing | Phase::Live => Ok(()),
            Phase::Speaking => Err(Error::corrupt("the other side spoke out of turn")),
            Phase::Over => Err(Error::corrupt("the other side goes on after the end")),
            Phase::Failed => Err(Error::corrupt("the session has ended with an error")),
        }
    }

    /// Ends the session, and has the other side told why.
    fn fail(&mut self, error: Error) -> Error {
        if self.phase == Phase::Over {
            return error;
        }
        if self.phase != Phase::Failed {
            self.outgoing = Outgoing::default();
            if !self.refused {
                self.outgoing.frame(kind::REFUSE, &[Refusal::of(&error) as u8]);
            }
        }
        self.phase = Phase::Failed;
        (self.index, self.view, self.within, self.walk) = (None, None, None, None);
        (self.large_in, self.large_out) = (None, None);
        self.sketch.clear();
        self.inbox.clear();
        error
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("repo", &self.repo)
            .field("role", &self.role)
            .field("phase", &self.phase)
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}
