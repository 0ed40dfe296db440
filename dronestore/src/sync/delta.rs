//! Deltas in a session: groups of versions told as what differs from what the other side holds, under one hash.
//!
//! A group is believed as a whole: where one version of it cannot be rebuilt, or the hash of all is another, each is asked
//! about as if it had only been named.

use super::frame::{Frame, shared};
use super::message::{Digest, kind, short};
use super::session::Session;
use super::speak::key_of;
use super::within::has;
use crate::repo::{Arrival, Base, Way, rows};
use dronestore_core::bytes::{put_slice, put_varint};
use dronestore_core::version::delta::{Delta, DeltaReader, DeltaWriter, Written};
use dronestore_core::{ActorId, Error, Hash, Result, Version};
use std::collections::VecDeque;

/// How many versions a group has at most, of how many bytes before its last, and in how many bytes before its last.
const GROUP: usize = 128;
const GROUP_STATES: usize = 1 << 20;
const GROUP_BYTES: usize = 32 << 10;
/// How many bytes the attributes of a delta may have.
const LONGEST: usize = 12 << 10;

/// The deltas of a session.
#[derive(Default)]
pub(super) struct Deltas {
    writer: Option<DeltaWriter>,
    reader: Option<DeltaReader>,
    group: Group,
    /// Rows that came as deltas of what does not stand here.
    pub(super) lacking: VecDeque<Vec<u8>>,
}

/// The rows of objects, and what came of them.
type Heard = (Vec<Vec<u8>>, Vec<Delta>);

/// A group that takes further deltas.
#[derive(Default)]
struct Group {
    bytes: Vec<u8>,
    /// The hashes of the versions.
    hashes: Vec<u8>,
    states: usize,
    /// The last row.
    row: Vec<u8>,
}

impl Group {
    fn is_full(&self) -> bool {
        self.hashes.len() >= GROUP * Hash::LENGTH
            || self.states > GROUP_STATES
            || self.bytes.len() > GROUP_BYTES
    }
}

impl Session {
    /// Gives a version that the other side lacks, as what differs from what it holds where that is known.
    pub(super) fn tell(&mut self, row: &[u8], value: &[u8], way: &Way) -> Result<()> {
        if row.first() != Some(&rows::HEADS) {
            return self.give_row(row, value, false);
        }
        let version = self.view()?.read_head(key_of(row)?, value.into())?;
        let Some(old) = way.old else { return self.give(&version, false) };
        if version.hash().as_bytes().starts_with(&old) {
            return Ok(());
        }
        let Some(written) = &way.written else { return self.give(&version, false) };
        let names: Vec<&str> = written.names().collect();
        if !is_short(&version, &names)? {
            return self.give(&version, false);
        }
        let (steps, is_commit, since) = (way.steps, written.is_commit(), self.agreed_at());
        self.put_delta(row, &version, &Written { attributes: &names, steps, is_commit, since })
    }

    fn put_delta(&mut self, row: &[u8], version: &Version, written: &Written<'_>) -> Result<()> {
        self.count_given()?;
        if self.deltas.group.is_full() {
            self.say_group();
        }
        self.repo.give_away();
        let sender = self.repo.actor();
        let Deltas { writer, group, .. } = &mut self.deltas;
        let alike = shared(&group.row, row);
        put_varint(&mut group.bytes, alike as u64);
        put_slice(&mut group.bytes, &row[alike..]);
        row.clone_into(&mut group.row);
        writer.get_or_insert_with(|| DeltaWriter::new(sender)).put(version, written, &mut group.bytes)?;
        group.hashes.extend_from_slice(version.hash().as_bytes());
        group.states += version.state_bytes().len();
        self.report.sent += 1;
        self.report.deltas += 1;
        self.limits.idle = 0;
        Ok(())
    }

    /// Says the deltas that wait.
    pub(super) fn say_group(&mut self) {
        let group = std::mem::take(&mut self.deltas.group);
        if !group.hashes.is_empty() {
            self.outgoing.frame(kind::DELTAS, &[&check(&group.hashes)[..], &group.bytes].concat());
        }
    }

    /// Rebuilds the versions of a group and merges them.
    pub(super) fn heard_deltas(&mut self, frame: &mut Frame) -> Result<()> {
        let (expected, (rows, deltas)) = self.read_group(frame)?;
        self.limits.arrived += rows.len() as u64;
        let mut arrivals = Vec::with_capacity(rows.len());
        let (view, mut hashes, mut states) = (self.repo.view()?, Vec::new(), 0);
        for (row, delta) in rows.iter().zip(deltas) {
            if states > GROUP_STATES {
                return Err(Error::corrupt("a group of deltas is of larger versions than it may be"));
            }
            let Some(value) = view.snapshot.get(row)? else { break };
            let base = view.read_head(key_of(row)?, value)?;
            // What is outside of the scope is not there.
            if !has(&self.scope, &base) {
                break;
            }
            let Ok(version) = delta.rebuild(&base) else { break };
            states += version.state_bytes().len();
            hashes.extend_from_slice(version.hash().as_bytes());
            let is_next = delta.is_next(&base);
            let came_of = Some(Base { hash: base.hash(), delta, is_next });
            arrivals.push(Arrival { version, asks: false, came_of });
        }
        // A store in memory copies what it changes while somebody still looks at it.
        drop(view);
        if arrivals.len() == rows.len() && check(&hashes) == expected {
            return self.take_in(&arrivals, &[]);
        }
        for row in rows {
            self.inbox_bytes += row.len();
            self.deltas.lacking.push_back(row);
        }
        self.check_inbox()
    }

    fn read_group(&mut self, frame: &mut Frame) -> Result<(Digest, Heard)> {
        let sender = self.report.peer.unwrap_or(ActorId::from_bytes([0; ActorId::LENGTH]));
        let expected = frame.read(|reader| reader.array())?;
        let (mut heard, mut deltas) = (Vec::new(), Vec::new());
        while !frame.is_empty() {
            let row = frame.row()?;
            if row.first() != Some(&rows::HEADS) || heard.len() == GROUP {
                return Err(Error::corrupt("a group of deltas is longer than it may be, or not of objects"));
            }
            let reader = self.deltas.reader.get_or_insert_with(|| DeltaReader::new(sender));
            heard.push(row);
            deltas.push(frame.read(|bytes| reader.take(bytes))?);
        }
        Ok((expected, (heard, deltas)))
    }

    /// Asks about the next version that could not be rebuilt; says whether there was one.
    pub(super) fn ask_whole(&mut self) -> Result<bool> {
        let Some(row) = self.deltas.lacking.pop_front() else { return Ok(false) };
        self.inbox_bytes -= row.len();
        match self.stored(&row)? {
            Some(value) => self.compare(&row, &value)?,
            None => self.ask_for(&row, &[]),
        }
        Ok(true)
    }
}

/// What stands for all versions of a group.
fn check(hashes: &[u8]) -> Digest {
    short(&Hash::of(hashes))
}

/// Whether what was written of a version is short enough for a delta.
fn is_short(version: &Version, names: &[&str]) -> Result<bool> {
    let all = version.state_bytes().len();
    Ok(all <= LONGEST || DeltaWriter::length(version, names)? <= LONGEST)
}
