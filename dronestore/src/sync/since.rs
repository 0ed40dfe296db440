//! What both remember of each other: then only what has changed since has to be said.
//!
//! The answerer says what it remembers, as a digest on which both once agreed. Where the caller's digest is still that one
//! the caller has changed nothing, and the answerer goes on and tells all that it has changed. Else, where the caller
//! remembers the same, it tells in turn if the answerer has changed nothing; or it lists what it has changed, and the
//! answerer compares the list with what it has changed itself.

use super::frame::Frame;
use super::hear::{unexpected, whole};
use super::message::{Digest, kind, short};
use super::ranges::row_hash;
use super::session::{Phase, Role, Session};
use super::walk::{Id, id};
use crate::repo::{Changed, Remembered, Way, rows};
use dronestore_core::store::{Direction, Range};
use dronestore_core::{Error, Hash, Result};
use std::ops::Bound;

/// How many changes are gathered: beyond that ranges are as good.
const MOST: usize = 50_000;

/// Whether a session goes by what both remember.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Since {
    /// It does not.
    #[default]
    No,
    /// The answerer has offered to, and has not heard that the caller does otherwise.
    Offered,
    /// The caller does.
    Used,
}

/// What a side knows of the time since both held the same.
#[derive(Default)]
pub(super) struct Past {
    pub(super) since: Since,
    /// What the answerer remembers, as the caller heard it: the digest and the schemas.
    heard: Option<[Id; 2]>,
    /// What has changed here and was not told yet.
    ours: Changed,
    saying: Saying,
}

#[derive(Default)]
enum Saying {
    #[default]
    Nothing,
    /// What has changed here is told.
    All,
    /// It is listed; up to this row that is done.
    List(Vec<u8>),
    /// It is told when the other side's list has been gone through.
    Later,
}

impl Past {
    /// Whether there is more to say.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.saying, Saying::Nothing)
    }

    /// The caller lists what it has changed.
    pub(super) fn hear_list(&mut self) -> Result<()> {
        if self.since == Since::No {
            return Err(Error::corrupt("something is listed that nobody asked for"));
        }
        self.saying = Saying::Later;
        Ok(())
    }

    /// The next row to be listed or told, with how it came about where it is to be told.
    fn next(&mut self) -> Option<(Vec<u8>, Option<Way>)> {
        let next = match &mut self.saying {
            Saying::All => self.ours.ways.pop_first().map(|(row, way)| (row, Some(way))),
            Saying::List(last) => {
                let behind = (Bound::Excluded(&last[..]), Bound::Unbounded);
                let row = self.ours.ways.range::<[u8], _>(behind).next().map(|(row, _)| row.clone());
                last.clone_from(row.as_ref().unwrap_or(&Vec::new()));
                row.map(|row| (row, None))
            }
            _ => return None,
        };
        if next.is_none() {
            self.saying = Saying::Nothing;
        }
        next
    }
}

impl Session {
    /// Says behind the hello what is remembered of the caller, and all that has changed since where that is all that
    /// differs; says whether there was anything.
    pub(super) fn offer_since(&mut self) -> Result<bool> {
        // Where the caller still holds what both held at one of the points it need not be asked anything.
        let theirs = self.theirs.map(|theirs| theirs.digest);
        let points = self.points()?;
        let of_theirs = points.iter().find(|point| Some(point.digest) == theirs);
        let Some(digest) = self.recall(of_theirs.or(points.first()).copied())? else { return Ok(false) };
        let schemas = self.schemas()?;
        self.say_hello(true)?;
        let named = match Some(digest) {
            said if said == theirs => Vec::new(),
            said if said == self.ours.map(|ours| ours.digest) => vec![0],
            _ => half(&digest).to_vec(),
        };
        self.outgoing.frame(kind::MEMORY, &[&schemas[..], &named].concat());
        self.past.since = Since::Offered;
        if self.theirs.is_some_and(|theirs| theirs.digest == digest) {
            self.past.saying = Saying::All;
        }
        Ok(true)
    }

    /// Hears what the answerer remembers.
    pub(super) fn hear_memory(&mut self, frame: &mut Frame) -> Result<()> {
        let (Some(ours), Some(theirs)) = (self.ours, self.theirs.filter(|theirs| theirs.goes_on)) else {
            return Err(unexpected());
        };
        if self.past.heard.is_some() {
            return Err(Error::corrupt("the other side says a second time what it remembers"));
        }
        self.past.heard = Some(whole(frame, |reader| {
            let schemas = reader.array()?;
            let digest = match reader.rest() {
                [] => half(&ours.digest),
                [0] => {
                    reader.byte()?;
                    half(&theirs.digest)
                }
                _ => reader.array()?,
            };
            Ok([digest, schemas])
        })?);
        self.no_cells_at_once();
        Ok(())
    }

    /// Goes by what both remember, where they do; says whether it is so.
    pub(super) fn go_by_since(&mut self) -> Result<bool> {
        let Some([agreed, their_schemas]) = self.past.heard.take() else { return Ok(false) };
        // No change log tells of schemas.
        if self.schemas()? != their_schemas {
            return Ok(false);
        }
        if agreed != half(&self.said_digest) {
            let point = self.points()?.into_iter().find(|point| half(&point.digest) == agreed);
            let Some(digest) = self.recall(point)? else { return Ok(false) };
            self.past.saying = match self.theirs {
                Some(theirs) if theirs.digest == digest => Saying::All,
                _ => {
                    // There may be nothing to list; the answerer hears so.
                    self.outgoing.entry(kind::SINCE);
                    self.turn.expects = true;
                    Saying::List(Vec::new())
                }
            };
        }
        self.past.since = Since::Used;
        self.questions.end();
        Ok(true)
    }

    /// Says the next thing that has changed since; says whether there was one.
    pub(super) fn say_since(&mut self) -> Result<bool> {
        if matches!(self.past.saying, Saying::Later) && !self.turn.they_have_more {
            self.past.saying = Saying::All;
        }
        let Some((row, way)) = self.past.next() else { return Ok(false) };
        let Some(value) = self.view()?.snapshot.get(&row)? else { return Ok(true) };
        match way {
            Some(way) => self.tell(&row, &value, &way)?,
            None => {
                let mut entry = self.outgoing.entry(kind::SINCE);
                entry.row(&row);
                entry.out.extend_from_slice(&id(&row_hash(&row, &value)?));
                self.turn.expects = true;
            }
        }
        Ok(true)
    }

    /// Compares the next thing that the caller has changed with what stands here.
    pub(super) fn answer_since(&mut self, frame: &mut Frame) -> Result<()> {
        let (row, theirs): (_, Id) = (frame.row()?, frame.read(|reader| reader.array())?);
        if row.first() != Some(&rows::HEADS) {
            return Err(Error::corrupt("something is listed that is no object"));
        }
        let is_changed = self.past.ours.ways.remove(&row).is_some();
        match self.stored(&row)? {
            Some(value) if id(&row_hash(&row, &value)?) == theirs => {}
            Some(value) if is_changed => self.compare(&row, &value)?,
            _ => self.ask_for(&row, &[]),
        }
        Ok(())
    }

    /// How a row that the other side asks for has come from what it holds, where that is known: it is told once.
    pub(super) fn way_to(&mut self, row: &[u8]) -> Option<Way> {
        if self.past.since == Since::No { None } else { self.past.ours.ways.remove(row) }
    }

    /// The stamp that was the last here when both held the same.
    pub(super) fn agreed_at(&self) -> dronestore_core::Nanotime {
        self.past.ours.time
    }

    /// What both remembered was not all that differs.
    pub(super) fn go_on_by_ranges(&mut self) {
        self.past = Past::default();
        self.offered_digest = None;
        self.deltas.lacking.clear();
        self.give_up_sketch();
        match self.role {
            Role::Caller => {
                (self.turn.said, self.turn.asked, self.turn.expects) = (0, 0, false);
                self.phase = Phase::Speaking;
                self.questions.begin();
            }
            Role::Answerer => self.listen(),
        }
    }

    /// Both hold the same now: next time only what has changed since has to be looked at.
    pub(super) fn remember_peer(&mut self, agreed: Digest) {
        if let Some(peer) = self.report.peer.filter(|_| self.report.in_sync && !self.report.is_copy) {
            // The session went well whatever becomes of this; the next one would only take longer.
            self.note_traffic();
            let scope = self.scope_name();
            let _ = self.repo.remember((&peer, &scope), self.live.point(agreed));
        }
    }

    /// Where both held the same, the newest first.
    fn points(&mut self) -> Result<Vec<Remembered>> {
        let Some(peer) = self.report.peer else { return Ok(Vec::new()) };
        let (repo, scope) = (self.repo.clone(), self.scope_name());
        repo.remembered((&peer, &scope), self.view()?)
    }

    /// What both held at a point; gathers what has changed here since. `None` where that is not known.
    fn recall(&mut self, point: Option<Remembered>) -> Result<Option<Digest>> {
        let (repo, Some(known)) = (self.repo.clone(), point) else { return Ok(None) };
        let Some(mut ours) = repo.changed_since(known.sequence, MOST)? else { return Ok(None) };
        if !self.scope.is_everything() {
            for row in ours.ways.keys().cloned().collect::<Vec<_>>() {
                if self.stored(&row)?.is_none() {
                    ours.ways.remove(&row);
                }
            }
        }
        self.past.ours = ours;
        Ok(Some(known.digest))
    }

    /// Under what the scope is remembered: nothing for everything.
    pub(super) fn scope_name(&self) -> Vec<u8> {
        match self.scope.is_everything() {
            true => Vec::new(),
            false => short(&Hash::of(&self.scope.encode())).to_vec(),
        }
    }

    /// A fingerprint of all schemas, of which there are few.
    fn schemas(&mut self) -> Result<Id> {
        let (all, mut hashes) = (rows::all(rows::SCHEMAS), Vec::new());
        let parts = self.rows_within()?.between(&all.start, &all.end);
        let snapshot = &self.view()?.snapshot;
        for (start, end) in parts {
            let mut cursor = snapshot.scan(Range::between(&start, &end), Direction::Forward)?;
            while let Some((row, value)) = cursor.next()? {
                hashes.extend_from_slice(row_hash(row, value)?.as_bytes());
            }
        }
        Ok(half(&short(&Hash::of(&hashes))))
    }
}

fn half(digest: &Digest) -> Id {
    let mut half = Id::default();
    half.copy_from_slice(&digest[..8]);
    half
}
