//! Versions: one immutable state of one object, named by its hash.
//!
//! A version is a function of the set of commits that it has seen: however they met, the bytes and the hash
//! are the same. version hash = blake3(key, hash of the shape, state), recomputed from the version alone. The key
//! is part of it, so that equal states of two objects have two hashes, and the sum of all hashes is a hash of a
//! whole repo.

mod commit;
mod contest;
mod decide;
mod decode;
pub mod delta;
mod demote;
mod diff;
mod entries;
mod explain;
mod json;
mod kin;
mod merge;
mod rename;
mod shape;
mod words;

pub use commit::{Author, Commit, commit_hash, delete, purge};
pub(crate) use commit::{Changed, ChangedList, Draft, Target, Wrote};
pub use contest::{Contest, ContestSide};
pub use decide::decide;
pub use demote::{Settled, settle};
pub use diff::{AttributeDiff, Diff};
pub use entries::{Common, common, counts_alike};
pub use explain::{Explanation, Part, Written};
pub use json::{AttributeView, from_json, to_json};
pub use kin::{came_back, end_of_kin, forks, must_settle, named_as_in};
pub use merge::{Merged, join_in_full};
pub use rename::Rename;
pub use shape::{RootFields, Shape, ShapeBuilder};
pub(crate) use shape::{check_name, more_than_named};

use crate::bytes::put_slice;
use crate::causal::state::{self, Row, State, Tip};
use crate::causal::{Context, Dot};
use crate::error::Result;
use crate::hash::Hash;
use crate::key::Key;
use crate::time::Nanotime;
use std::fmt;
use std::sync::Arc;

/// One immutable state of one object. Cloning it costs three reference counts.
#[derive(Clone)]
pub struct Version {
    key: Key,
    shape: Arc<Shape>,
    bytes: Arc<[u8]>,
    start: usize,
    hash: Hash,
}

impl Version {
    /// Seals a state that this library has just made, computing its hash; the buffer then holds what was hashed.
    pub(crate) fn seal(key: Key, shape: Arc<Shape>, state: &State<'_>, buffer: &mut Vec<u8>) -> Version {
        buffer.clear();
        let start = put_hash_head(&key, &shape, buffer);
        state.encode_into(buffer);
        let (bytes, hash) = (buffer[start..].into(), Hash::of(buffer));
        Version { key, shape, bytes, start: 0, hash }
    }

    /// A version as a store of ours holds it: `bytes[start..]` is the state. Nothing is recomputed.
    pub fn from_store(key: Key, shape: Arc<Shape>, hash: Hash, bytes: Arc<[u8]>, start: usize) -> Version {
        Version { key, shape, start: start.min(bytes.len()), bytes, hash }
    }

    /// The object's key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The object's kind: the stored name of its model.
    pub fn kind(&self) -> &str {
        self.shape.kind()
    }

    /// Which attributes the state has.
    pub fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    /// The state, as `docs/FORMAT.md` describes it.
    pub fn state_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// How many bytes of the state are attributes; the rest is metadata: tips, context, table of dots.
    pub fn attribute_bytes(&self) -> usize {
        state::split(self.state_bytes())
            .and_then(|(_, content)| state::content(content))
            .map_or(0, |content| content.attributes.len())
    }

    /// The version's name: equal hashes, equal versions.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The hash recomputed from the bytes. About 0.3 µs for a small object.
    pub fn recompute_hash(&self) -> Hash {
        let state = self.state_bytes();
        let mut input = Vec::with_capacity(self.key.as_encoded().len() + state.len() + Hash::LENGTH + 10);
        put_hash_head(&self.key, &self.shape, &mut input);
        input.extend_from_slice(state);
        Hash::of(&input)
    }

    /// The state taken apart as far as causality goes.
    pub(crate) fn state(&self) -> Result<State<'_>> {
        State::parse(self.state_bytes()).map_err(|error| error.at(self))
    }

    /// When the object was first created, by the least stamp of its creations.
    pub fn created(&self) -> Nanotime {
        state::split(self.state_bytes())
            .and_then(|(_, content)| state::content(content))
            .map_or(Nanotime::MIN, |content| content.created)
    }

    /// When the newest of the commits that nobody has built on was made.
    pub fn committed(&self) -> Nanotime {
        self.tips().iter().map(|tip| tip.time).max().unwrap_or(Nanotime::MIN)
    }

    /// The commits that nobody has built on yet: one after a commit, several after a merge.
    pub fn tips(&self) -> Vec<TipCommit> {
        let Ok(state) = self.state() else { return Vec::new() };
        let tip = |tip: &Tip| {
            let row: Row = state.table[tip.row as usize];
            TipCommit { dot: state.dot(&row), time: row.time, deleted: tip.deleted }
        };
        state.tips.iter().map(tip).collect()
    }

    /// Which commits this version has seen.
    ///
    /// Cost: linear in the actors; the table is not read.
    pub fn context(&self) -> Context {
        let content = state::split(self.state_bytes()).and_then(|(_, content)| state::content(content));
        content.and_then(|content| Context::decode(content.context)).unwrap_or_default()
    }

    /// Whether the object reads as deleted: every tip is a delete. A concurrent update keeps it alive.
    pub fn is_deleted(&self) -> bool {
        reads_as_deleted(self.state_bytes())
    }
}

/// Whether the object of a state reads as deleted.
#[inline]
pub fn reads_as_deleted(state: &[u8]) -> bool {
    match state {
        // One tip, as a rule.
        [1, tip @ 0..0x80, ..] => tip & 1 == 1,
        _ => all_tips_deleted(state),
    }
}

fn all_tips_deleted(state: &[u8]) -> bool {
    let deleted = || -> Result<bool> {
        let mut tips = crate::bytes::Reader::new(state::split(state)?.0);
        while !tips.is_empty() {
            if tips.varint()? & 1 == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    };
    deleted().unwrap_or(false)
}

/// A commit that nobody has built on yet, as [`Version::tips`] lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TipCommit {
    /// The commit's name.
    pub dot: Dot,
    /// When it was made.
    pub time: Nanotime,
    /// Whether it deleted the object.
    pub deleted: bool,
}

/// Appends what a version's hash covers before the state; gives where the state begins.
fn put_hash_head(key: &Key, shape: &Shape, input: &mut Vec<u8>) -> usize {
    put_slice(input, key.as_encoded());
    input.extend_from_slice(shape.hash().as_bytes());
    input.len()
}

/// Equal by hash.
impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Version {}

/// `/Person:jbenet@1f9c02aa`.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{:.8}", self.key, self.hash)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Version")
            .field("key", &self.key)
            .field("kind", &self.kind())
            .field("hash", &self.hash)
            .field("tips", &self.tips())
            .finish()
    }
}
