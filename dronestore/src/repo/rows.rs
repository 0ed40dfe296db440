//! The rows of a repo: which keys it has in its store.
//!
//! | key | value |
//! |---|---|
//! | `b`, … | what is remembered of shared folders |
//! | `c`, sequence (8 bytes, big endian) | one row of the change log |
//! | `d` | which indexes of fields there are |
//! | `e`, number, values, key | nothing: an object has these values |
//! | `f`, kind, 0, key, 0, hash | a version set aside because it forks |
//! | `g` | how much history is kept |
//! | `h`, kind, 0, key, 0, number (8 bytes, big endian) | an entry of an object's history, or a block of them |
//! | `i`, hash of a shape | its number |
//! | `k`, kind | nothing: the kind has objects |
//! | `m` | where the repo lives and who it is |
//! | `p`, actor, scope | what is remembered of a peer of syncs |
//! | `s`, number (4 bytes, big endian) | a shape, written out |
//! | `t`, kind, 0, hash | a schema |
//! | `n`, 0, name | a branch |
//! | `n`, 1, number (4 bytes, big endian), kind, 0, key | a head that a branch has of its own |
//! | `o` | 1: the index of conflicts is there |
//! | `o`, kind, 0, key | the conflicts of an object |
//! | `v`, kind, 0, key | a head: the version that stands there |
//!
//! Heads come last: a tree that grows at its end is filled page by page, anywhere else its pages are left half full.

use dronestore_core::store::{Direction, Range as Rows, Snapshot, prefix_end};
use dronestore_core::{ActorId, Hash, Key, Result};
use std::ops::Range;

pub(crate) const INDEXES: &[u8] = b"d";
pub(crate) const ENTRIES: u8 = b'e';
pub(crate) const HOME: &[u8] = b"m";
pub(crate) const LOG: u8 = b'c';
pub(crate) const KINDS: u8 = b'k';
pub(crate) const HEADS: u8 = b'v';
pub(crate) const SHAPES: u8 = b's';
pub(crate) const SCHEMAS: u8 = b't';
pub(crate) const FORKS: u8 = b'f';
pub(crate) const PEERS: u8 = b'p';
pub(crate) const SHARED: u8 = b'b';
pub(crate) const POLICIES: u8 = b'g';
pub(crate) const HISTORY: u8 = b'h';
pub(crate) const BRANCHES: u8 = b'n';
pub(crate) const CONFLICTS: u8 = b'o';
pub(crate) const CONFLICTS_MARKER: [u8; 1] = [CONFLICTS];

/// Rows up to this length need no memory of their own.
const STACK: usize = 128;

pub(crate) fn head(kind: &str, key: &Key) -> Vec<u8> {
    below_kind(HEADS, kind, key.as_encoded())
}

/// As [`head`], from a key's bytes.
pub(crate) fn head_of(kind: &str, key: &[u8]) -> Vec<u8> {
    below_kind(HEADS, kind, key)
}

/// What the row of a head gives, put together on the stack where it is short.
#[inline]
pub(crate) fn with_head<R>(kind: &str, key: &Key, work: impl FnOnce(&[u8]) -> R) -> R {
    let (kind, key) = (kind.as_bytes(), key.as_encoded());
    let length = kind.len() + key.len() + 2;
    let mut row = [0; STACK];
    if length > STACK {
        return work(&[&[HEADS], kind, &[0], key].concat());
    }
    row[0] = HEADS;
    row[1..1 + kind.len()].copy_from_slice(kind);
    row[kind.len() + 2..length].copy_from_slice(key);
    work(&row[..length])
}

/// The rows of one kind of row whose rest begins with these bytes.
fn below_kind(row: u8, kind: &str, rest: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(kind.len() + rest.len() + 2);
    bytes.push(row);
    bytes.extend_from_slice(kind.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(rest);
    bytes
}

/// The heads of a kind whose keys lie in this range of encoded keys.
pub(crate) fn heads(kind: &str, keys: Range<&[u8]>) -> Range<Vec<u8>> {
    below_kind(HEADS, kind, keys.start)..below_kind(HEADS, kind, keys.end)
}

/// All heads of a kind.
pub(crate) fn heads_of_kind(kind: &str) -> Range<Vec<u8>> {
    of_kind(HEADS, kind)
}

fn of_kind(row: u8, kind: &str) -> Range<Vec<u8>> {
    let start = below_kind(row, kind, &[]);
    let end = prefix_end(&start).unwrap_or_default();
    start..end
}

/// The conflicts of an object.
pub(crate) fn conflicts(kind: &str, key: &Key) -> Vec<u8> {
    below_kind(CONFLICTS, kind, key.as_encoded())
}

/// The conflicts of a kind's objects.
pub(crate) fn conflicts_of_kind(kind: &str) -> Range<Vec<u8>> {
    of_kind(CONFLICTS, kind)
}

/// The conflicts of all objects, without the marker.
pub(crate) fn all_conflicts() -> Range<Vec<u8>> {
    vec![CONFLICTS, 0]..vec![CONFLICTS + 1]
}

/// All schemas of a kind.
pub(crate) fn schemas_of_kind(kind: &str) -> Range<Vec<u8>> {
    of_kind(SCHEMAS, kind)
}

/// The kind of a schema's row.
pub(crate) fn kind_of_schema(row: &[u8]) -> Option<&str> {
    let rest = row.strip_prefix(&[SCHEMAS])?;
    std::str::from_utf8(rest.split(|byte| *byte == 0).next()?).ok()
}

/// All rows of one kind of row.
pub(crate) fn all(row: u8) -> Range<Vec<u8>> {
    vec![row]..vec![row + 1]
}

/// Kind and encoded key of a head's row.
pub(crate) fn split_head(row: &[u8]) -> Option<(&str, &[u8])> {
    let rest = row.strip_prefix(&[HEADS])?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    Some((std::str::from_utf8(&rest[..end]).ok()?, &rest[end + 1..]))
}

pub(crate) fn kind(kind: &str) -> Vec<u8> {
    [&[KINDS], kind.as_bytes()].concat()
}

pub(crate) fn shape(number: u32) -> Vec<u8> {
    [&[SHAPES][..], &number.to_be_bytes()].concat()
}

pub(crate) fn shape_number(hash: &Hash) -> Vec<u8> {
    [b"i", &hash.as_bytes()[..]].concat()
}

pub(crate) fn schema(kind: &str, hash: &Hash) -> Vec<u8> {
    below_kind(SCHEMAS, kind, hash.as_bytes())
}

pub(crate) fn fork(kind: &str, key: &Key, hash: &Hash) -> Vec<u8> {
    let mut row = below_kind(FORKS, kind, key.as_encoded());
    row.push(0);
    row.extend_from_slice(hash.as_bytes());
    row
}

/// What is remembered of a peer, and of a scope if it is not everything.
pub(crate) fn peer(actor: &ActorId, scope: &[u8]) -> Vec<u8> {
    [&[PEERS], &actor.as_bytes()[..], scope].concat()
}

/// How many rows of one kind of row there are, counted up to `most`.
pub(crate) fn count(snapshot: &dyn Snapshot, row: u8, most: usize) -> Result<usize> {
    let range = all(row);
    let mut cursor = snapshot.scan(Rows::between(&range.start, &range.end), Direction::Forward)?;
    let mut count = 0;
    while count < most && cursor.next()?.is_some() {
        count += 1;
    }
    Ok(count)
}

pub(crate) fn log(sequence: u64) -> Vec<u8> {
    [&[LOG][..], &sequence.to_be_bytes()].concat()
}

/// The history of an object, by its encoded key.
pub(crate) fn history_of(kind: &str, key: &[u8]) -> Range<Vec<u8>> {
    let mut start = below_kind(HISTORY, kind, key);
    // No namespace is empty, so nothing that lies below the key begins so.
    start.push(0);
    history_below(&start)
}

/// The history of the object whose rows begin so.
pub(crate) fn history_below(prefix: &[u8]) -> Range<Vec<u8>> {
    let mut end = prefix.to_vec();
    if let Some(last) = end.last_mut() {
        *last = 1;
    }
    prefix.to_vec()..end
}

/// The history of a kind's objects.
pub(crate) fn history_of_kind(kind: &str) -> Range<Vec<u8>> {
    of_kind(HISTORY, kind)
}

/// One row of an object's history.
pub(crate) fn history(prefix: &[u8], number: u64) -> Vec<u8> {
    [prefix, &number.to_be_bytes()].concat()
}

/// The number of a row of history.
pub(crate) fn number_of(row: &[u8]) -> Option<u64> {
    let (rest, number) = row.split_last_chunk::<8>()?;
    (rest.last() == Some(&0)).then(|| u64::from_be_bytes(*number))
}

/// The kind of a row of history.
pub(crate) fn kind_of_history(row: &[u8]) -> Option<&str> {
    let rest = row.strip_prefix(&[HISTORY])?;
    std::str::from_utf8(rest.split(|byte| *byte == 0).next()?).ok()
}

/// Kind, encoded key and number of a row of history.
pub(crate) fn split_history(row: &[u8]) -> Option<(&str, &[u8], u64)> {
    let number = number_of(row)?;
    let rest = row.strip_prefix(&[HISTORY])?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    let key = rest.get(end + 1..rest.len() - 9)?;
    Some((std::str::from_utf8(&rest[..end]).ok()?, key, number))
}
