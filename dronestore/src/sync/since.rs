//! What both remember of each other: then only what has changed since has to be compared.

use super::frame::Frame;
use super::message::{Digest, digest, kind, short};
use super::ranges::{Rows, all, row_hash};
use super::session::{Phase, Role, Session};
use super::walk::{Walk, id};
use crate::repo::rows;
use dronestore_core::bytes::put_varint;
use dronestore_core::store::{Direction, Range, Snapshot};
use dronestore_core::{Error, Hash, Result};
use std::collections::BTreeSet;

/// How many changes the caller lists, and in how many bytes: they travel in one frame.
const MOST_LISTED: usize = 2000;
const LISTED_BYTES: usize = 40 << 10;
/// How many changes the answerer gathers.
const MOST_GATHERED: usize = 50_000;

/// Whether a session goes by what both remember.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Since {
    /// It was not tried.
    #[default]
    Untried,
    /// It is.
    Used,
    /// It does not.
    No,
}

impl Session {
    /// Asks what has changed since both last held the same, where that is remembered; says whether it did.
    pub(super) fn ask_since(&mut self) -> Result<bool> {
        if self.since != Since::Untried {
            return Ok(false);
        }
        self.since = Since::No;
        let Some((digest, changed)) = self.changed_since(MOST_LISTED)? else { return Ok(false) };
        if changed.iter().map(|row| row.len() + 10).sum::<usize>() > LISTED_BYTES {
            return Ok(false);
        }
        let schemas = schemas(&*self.view()?.snapshot)?;
        let mut list = Rows::List(self.repo.view()?.snapshot, changed.clone().into_iter());
        let mut entry = self.outgoing.entry(kind::SINCE);
        entry.out.extend_from_slice(&digest);
        entry.out.extend_from_slice(&schemas);
        put_varint(entry.out, changed.len() as u64);
        while let Some(row) = list.next()? {
            entry.row(&row.row);
            entry.out.extend_from_slice(&id(&row.hash));
        }
        self.since = Since::Used;
        self.turn.expects = true;
        self.questions.end();
        Ok(true)
    }

    /// Compares what has changed on both sides, where both remember the same.
    pub(super) fn answer_since(&mut self, frame: &mut Frame) -> Result<()> {
        if self.since != Since::Untried {
            return Err(Error::corrupt("what is remembered is asked for a second time"));
        }
        let (theirs, their_schemas): (Digest, Digest) =
            frame.read(|reader| Ok((reader.array()?, reader.array()?)))?;
        let count = frame.read(|reader| reader.length())?;
        let is_same = schemas(&*self.view()?.snapshot)? == their_schemas;
        match self.changed_since(MOST_GATHERED)? {
            Some((ours, changed)) if ours == theirs && is_same => {
                self.since = Since::Used;
                let list = Rows::List(self.repo.view()?.snapshot, changed.into_iter());
                let [start, end] = all();
                self.walk = Some(Walk::new(list, count, &start, &end)?);
            }
            _ => {
                self.since = Since::No;
                self.outgoing.frame(kind::FORGOTTEN, &[]);
                // The list is of no use.
                *frame = Frame::default();
            }
        }
        Ok(())
    }

    /// The other side does not remember, or not the same.
    pub(super) fn take_forgotten(&mut self, frame: &Frame) -> Result<()> {
        if self.since != Since::Used || !frame.is_empty() {
            return Err(Error::corrupt("something is forgotten that was not asked for"));
        }
        self.since = Since::No;
        self.questions.begin();
        Ok(())
    }

    /// What both remembered was not all that differs.
    pub(super) fn go_on_by_ranges(&mut self) {
        self.since = Since::No;
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
            let _ = self.repo.remember(&peer, agreed, digest);
        }
    }

    /// What both held when they last held the same, and what has changed here since; `None` where that is not known.
    fn changed_since(&mut self, most: usize) -> Result<Option<(Digest, BTreeSet<Vec<u8>>)>> {
        let Some(peer) = self.report.peer else { return Ok(None) };
        let repo = self.repo.clone();
        let Some(known) = repo.remembered(&peer, self.view()?)? else { return Ok(None) };
        Ok(repo.changed_rows(known.sequence, most)?.map(|changed| (known.digest, changed)))
    }
}

/// A fingerprint of all schemas, of which there are few: no change log tells of them.
fn schemas(snapshot: &dyn Snapshot) -> Result<Digest> {
    let range = rows::all(rows::SCHEMAS);
    let mut cursor = snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
    let mut hashes = Vec::new();
    while let Some((row, value)) = cursor.next()? {
        hashes.extend_from_slice(row_hash(row, value)?.as_bytes());
    }
    Ok(short(&Hash::of(&hashes)))
}
