//! The index of conflicts: which objects are contested, as rows of this repo alone.
//!
//! ```text
//! marker := `o` → 1                                      the index is there
//! row    := `o`, kind, 0, key → contest+
//! contest := state, newest stamp (8 bytes, big endian), size, path
//! state  := 0 open  |  1 decided  |  2 lost: newer than others under `latest`
//! ```
//!
//! It is made when somebody first asks, and from then on each batch keeps it right. Who never asks never pays.

use super::super::iterate::next_head;
use super::super::rows;
use super::super::transaction::Transaction;
use super::decisions::{self, Decision};
use super::{Heads, View};
use crate::repo::Repo;
use dronestore_core::bytes::{Reader, put_slice};
use dronestore_core::model::Model;
use dronestore_core::store::{Direction, Range};
use dronestore_core::strategy::Path;
use dronestore_core::{Error, Key, Nanotime, Result, Version};
use std::collections::BTreeSet;

/// How a contest stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Decided,
    Lost,
}

/// A contest as the index knows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) state: State,
    /// The stamp of the newest side.
    pub(crate) time: Nanotime,
    pub(crate) path: Path,
}

/// The contests of a version as a row; `None` where there are none.
pub(crate) fn row(heads: &impl Heads, version: &Version) -> Result<Option<Vec<u8>>> {
    if version.is_deleted() || version.kind() == Decision::KIND {
        return Ok(None);
    }
    let mut row = Vec::new();
    for contest in version.contests()? {
        row.push(match contest.asks {
            false => 2,
            true => u8::from(decisions::outcome(heads, version, &contest)?.is_some()),
        });
        let newest = contest.sides.iter().map(|side| side.time).max().unwrap_or(Nanotime::MIN);
        row.extend_from_slice(&newest.as_nanos().to_be_bytes());
        put_slice(&mut row, contest.path.as_bytes());
    }
    Ok((!row.is_empty()).then_some(row))
}

/// The contests of a row.
pub(crate) fn lines(row: &[u8]) -> Result<Vec<Line>> {
    let mut reader = Reader::new(row);
    let mut lines = Vec::new();
    while !reader.is_empty() {
        let state = match reader.byte()? {
            0 => State::Open,
            1 => State::Decided,
            2 => State::Lost,
            _ => return Err(Error::corrupt("the index of conflicts holds no state")),
        };
        let time = Nanotime::from_nanos(u64::from_be_bytes(reader.array()?));
        lines.push(Line { state, time, path: Path::from_bytes(reader.slice()?)? });
    }
    Ok(lines)
}

/// Kind and encoded key of a row.
pub(crate) fn split(row: &[u8]) -> Result<(&str, &[u8])> {
    let read = || {
        let rest = row.strip_prefix(&[rows::CONFLICTS])?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        Some((std::str::from_utf8(&rest[..end]).ok()?, &rest[end + 1..]))
    };
    read().ok_or_else(|| Error::corrupt("a row of the index of conflicts has no kind"))
}

impl Repo {
    /// A view with the index in it; makes the index where there is none yet.
    pub(crate) fn indexed_view(&self) -> Result<View> {
        let view = self.view()?;
        if view.snapshot.get(&rows::CONFLICTS_MARKER)?.is_some() {
            return Ok(view);
        }
        drop(view);
        self.attempt(|| self.write(|transaction| transaction.build_index()))?;
        self.view()
    }
}

impl Transaction<'_> {
    /// Makes the index from every head. What is staged is indexed with the batch.
    pub(crate) fn build_index(&mut self) -> Result<()> {
        if self.writer.indexed {
            return Ok(());
        }
        let heads = rows::all(rows::HEADS);
        let mut cursor = self.snapshot.scan(Range::between(&heads.start, &heads.end), Direction::Forward)?;
        while let Some(head) = next_head(&mut *cursor)? {
            let version = self.read_head(&head.key, head.bytes)?;
            if let Some(row) = row(self, &version)? {
                self.index.insert(rows::conflicts(version.kind(), version.key()), Some(row));
            }
        }
        self.index.insert(rows::CONFLICTS_MARKER.to_vec(), Some(vec![1]));
        self.writer.indexed = true;
        Ok(())
    }

    /// Finds the objects that what is staged decides about, and keeps the index right; gives those objects, which
    /// read otherwise now without having changed.
    pub(crate) fn follow_decisions(&mut self) -> Result<Vec<Version>> {
        let decisions = rows::heads_of_kind(Decision::KIND);
        let is_decision = |row: &[u8]| decisions.start.as_slice() <= row && row < decisions.end.as_slice();
        let staged = self.staged.iter().filter(|staged| self.writer.indexed || is_decision(staged.row()));
        let staged: Vec<(Vec<u8>, bool)> =
            staged.map(|staged| (staged.row().to_vec(), staged.before.is_some())).collect();
        let mut decided: BTreeSet<Vec<u8>> = BTreeSet::new();
        for (row, was_there) in &staged {
            let Some(version) = self.version_at(row)? else { continue };
            if is_decision(row) {
                decided.extend(self.decided_by(&version)?);
                // It may have been about something else, which it decides no longer.
                if let Some(before) = self.version_before(row)? {
                    decided.extend(self.decided_by(&before)?);
                }
            }
            if self.writer.indexed {
                self.index_object(&version, *was_there)?;
            }
        }
        let mut objects = Vec::new();
        for row in decided.iter().filter(|row| self.staged.get(row).is_none()) {
            objects.extend(self.version_at(row)?);
        }
        if self.writer.indexed {
            for version in &objects {
                self.index_object(version, true)?;
            }
        }
        Ok(objects)
    }

    fn version_at(&self, row: &[u8]) -> Result<Option<Version>> {
        let (_, key) = rows::split_head(row).ok_or_else(|| Error::corrupt("a head's row has no kind"))?;
        self.head(row, &Key::from_encoded(key)?)
    }

    /// What stands in a head's row without what is staged.
    fn version_before(&self, row: &[u8]) -> Result<Option<Version>> {
        let Some(bytes) = self.snapshot.get(row)? else { return Ok(None) };
        let (_, key) = rows::split_head(row).ok_or_else(|| Error::corrupt("a head's row has no kind"))?;
        self.read_head(&Key::from_encoded(key)?, bytes).map(Some)
    }

    fn index_object(&mut self, version: &Version, was_there: bool) -> Result<()> {
        let name = rows::conflicts(version.kind(), version.key());
        let row = row(self, version)?;
        let before = if was_there { self.snapshot.get(&name)? } else { None };
        if before.as_deref() != row.as_deref() {
            self.index.insert(name, row);
        }
        Ok(())
    }

    /// The rows of the heads that a decision is about: of one object, or of all contested ones of a kind.
    fn decided_by(&self, decision: &Version) -> Result<Vec<Vec<u8>>> {
        let Ok(decision) = dronestore_core::model::load::<Decision>(decision) else { return Ok(Vec::new()) };
        if !decision.object.is_empty() {
            let Ok(key) = decision.object.parse::<Key>() else { return Ok(Vec::new()) };
            let contested = match self.version_of(&decision.kind, &key)? {
                Some(version) => version.may_have_rulings()?,
                None => false,
            };
            return Ok(if contested { vec![rows::head(&decision.kind, &key)] } else { Vec::new() });
        }
        let range = rows::conflicts_of_kind(&decision.kind);
        let mut cursor = self.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
        let mut found = Vec::new();
        while let Some((row, _)) = cursor.next()? {
            found.push(rows::head(&decision.kind, &Key::from_encoded(split(row)?.1)?));
        }
        Ok(found)
    }
}

impl Repo {
    /// Checks that each row of the index is an object's; what it says of the object is checked with the object.
    pub(crate) fn verify_index(view: &View) -> Result<()> {
        let range = rows::all_conflicts();
        let mut cursor = view.snapshot.scan(Range::between(&range.start, &range.end), Direction::Forward)?;
        while let Some((row, _)) = cursor.next()? {
            let (kind, key) = split(row)?;
            let key = Key::from_encoded(key)?;
            if view.snapshot.get(&rows::head(kind, &key))?.is_none() {
                return Err(Error::corrupt(format!(
                    "the index of conflicts names `{key}`, which is not there"
                )));
            }
        }
        Ok(())
    }

    /// Checks the index against one head; says how many of its conflicts are open.
    pub(crate) fn verify_conflicts(view: &View, version: &Version) -> Result<u64> {
        let stored = view.snapshot.get(&rows::conflicts(version.kind(), version.key()))?;
        if stored.as_deref() != row(view, version)?.as_deref() {
            return Err(Error::corrupt(format!("the index of conflicts is wrong about {version}")));
        }
        let lines = lines(stored.as_deref().unwrap_or_default())?;
        Ok(lines.iter().filter(|line| line.state == State::Open).count() as u64)
    }
}
