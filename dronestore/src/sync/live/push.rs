//! What a live side says: what the log has from its place on, and the other side has not said itself.

use super::super::frame::Frame;
use super::super::hear::unexpected;
use super::super::message::kind;
use super::super::session::{CHUNK, Phase, Session};
use super::super::walk::id;
use super::{MOST_NAMED, MOST_SCHEMAS};
use crate::repo::{Followed, head_hash, rows};
use dronestore_core::Result;
use dronestore_core::store::{Direction, Range};

/// How many rows are about to be said at most, and how many bytes of them. What comes behind waits in the log.
const PENDING: usize = 4096;
const PENDING_BYTES: usize = 256 << 10;

impl Session {
    /// Says what is new, some 64 KiB of it.
    pub(in super::super) fn push(&mut self) -> Result<()> {
        while self.outgoing.len() < CHUNK && self.push_next()? {}
        // A snapshot is held no longer than needed: the other side may be slow.
        self.view = None;
        if self.phase == Phase::Live && self.large_out.is_none() {
            self.answer_point();
            self.say_point();
        }
        Ok(())
    }

    /// Says the next thing; says whether there was one.
    fn push_next(&mut self) -> Result<bool> {
        if self.phase != Phase::Live {
            return Ok(false);
        }
        if self.large_out.is_some() {
            self.say_more();
            return Ok(true);
        }
        if self.leave()? {
            return Ok(false);
        }
        if let Some((row, version)) = self.live.pending.pop_first() {
            self.live.pending_bytes -= row.len();
            self.push_row(&row, version)?;
            return Ok(true);
        }
        self.catch_up()?;
        if self.live.lost {
            self.want_again();
            self.leave()?;
        }
        Ok(!self.live.pending.is_empty())
    }

    /// Says what stands in a row, if it still is this version: a later one the log tells of in its place.
    fn push_row(&mut self, row: &[u8], version: super::super::walk::Id) -> Result<()> {
        let Some(value) = self.stored(row)? else { return Ok(()) };
        if id(&head_hash(&value)?) != version {
            return Ok(());
        }
        if let Some((kind, _)) = rows::split_head(row) {
            self.push_schemas(kind)?;
        }
        let named = self.report.too_large.len();
        self.give_row(row, &value, false)?;
        self.live.points.moved(1);
        // Nobody asked for it.
        self.limits.given = 0;
        if let Some((key, before)) =
            self.report.too_large.split_last().filter(|_| named < self.report.too_large.len())
            && (named >= MOST_NAMED || before.contains(key))
        {
            self.report.too_large.truncate(named);
        }
        Ok(())
    }

    /// Says the schemas of a kind that the other side may not have: no change log tells of them.
    fn push_schemas(&mut self, kind: &str) -> Result<()> {
        let range = rows::schemas_of_kind(kind);
        let range = Range::between(&range.start, &range.end);
        let mut cursor = self.view()?.snapshot.scan(range, Direction::Forward)?;
        while let Some((row, schema)) = cursor.next()? {
            if !self.live.schemas.contains(row) {
                let (row, schema) = (row.to_vec(), schema.to_vec());
                if self.live.schemas.len() < MOST_SCHEMAS {
                    self.live.schemas.insert(row.clone());
                }
                self.give_row(&row, &schema, false)?;
            }
        }
        Ok(())
    }

    /// Goes through the log from the cursor on: what is theirs is passed over, what is not is about to be said.
    pub(super) fn catch_up(&mut self) -> Result<()> {
        let live = &mut self.live;
        if live.lost || live.pending.len() >= PENDING || live.pending_bytes >= PENDING_BYTES {
            return Ok(());
        }
        let (cursor, repo) = (live.cursor, &self.repo);
        let followed = repo.follow(cursor, |changes| {
            for change in changes {
                // What only reads otherwise has not changed.
                if change.old == Some(change.new) {
                    continue;
                }
                let row = rows::head(&change.kind, &change.key);
                if live.came.remove(&change.new) {
                    live.drop_pending(&row);
                } else {
                    live.pending_bytes += row.len();
                    let before = live.pending.insert(row, change.new);
                    live.pending_bytes -= before.map_or(0, |_| rows::head(&change.kind, &change.key).len());
                }
            }
            Ok(live.pending.len() < PENDING && live.pending_bytes < PENDING_BYTES)
        })?;
        match followed {
            Followed::End(next) => {
                live.cursor = next;
                // What is left was known here before, or set aside.
                live.came.clear();
            }
            Followed::Full(next) => live.cursor = next,
            Followed::Lost => {
                live.lost = true;
                live.pending.clear();
                live.pending_bytes = 0;
            }
        }
        Ok(())
    }

    /// Whether all that the log had up to this row is said.
    pub(super) fn has_said_all(&self, row: u64) -> bool {
        let live = &self.live;
        live.pending.is_empty() && self.large_out.is_none() && !live.lost && live.cursor == row
    }

    /// Takes a frame of a live session.
    pub(in super::super) fn heard_live(&mut self, mut frame: Frame) -> Result<()> {
        if self.large_in.is_some() && frame.kind() != kind::MORE {
            return Err(unexpected());
        }
        match frame.kind() {
            kind::VERSIONS => self.heard_versions(&mut frame),
            kind::LARGE => self.heard_large(&mut frame),
            kind::MORE => self.heard_more(&mut frame),
            kind::POINT => self.heard_point(&mut frame),
            kind::COMPARED => self.heard_compared(&mut frame),
            kind::AGAIN => self.heard_again(&frame),
            kind::LOST => self.heard_lost(&frame),
            _ => Err(unexpected()),
        }
    }
}
