//! `conflict`: the newest write, and a person is asked.

use super::{Change, Decision, Entry, Register, Replaces, Table, newest};
use crate::actor::ActorId;
use crate::bytes::{Reader, put_varint};
use crate::causal::Dot;
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::value;
use std::borrow::Cow;

/// The newest write, and the object is listed as conflicted until the others are resolved.
///
/// | met | reads as |
/// |---|---|
/// | two concurrent writes of different values | the newer; the object is in conflict |
/// | two concurrent writes of one value | that value; no conflict |
/// | a commit onto a conflict | what it wrote, whatever the clocks say; it replaces the entry it was reading, the others wait for a decision |
/// | a recorded decision | what was decided, where the reader knows of decisions: a repo does |
///
/// Stored: dot → a list of the value and of the dots that its writer had seen and read past (12 bytes of actor,
/// then the sequence as a varint, in one byte string each); what somebody decided has the fingerprint of the
/// conflict there, a byte string of 32. Not for fields that nobody will look at: the sides stay until somebody
/// decides.
#[derive(Debug, Clone, Copy)]
pub struct Conflict;

impl Register for Conflict {
    const PLAIN: bool = false;

    fn read<'a>(entries: &[Entry<'a>], table: &Table<'_>) -> Result<Cow<'a, [u8]>> {
        if entries.len() > 1
            && let Some(value) = table.ruling(entries)
        {
            return Ok(Cow::Owned(value.to_vec()));
        }
        read_entry(entries, table).and_then(|entry| Ok(Cow::Borrowed(Side::parse(entry.value)?.value)))
    }

    fn write<'a>(change: &Change<'a>) -> Result<Decision<'a>> {
        let mut past = Vec::new();
        let mut replaces = Replaces::Seen;
        let (base, table) = (change.base.entries()?, change.base.table);
        // Whoever read through a decision has all sides behind them.
        if !base.is_empty() && (base.len() == 1 || table.ruling(&base).is_none()) {
            let read = read_entry(&base, table)?;
            replaces = Replaces::Loaded(read.row);
            for other in base.iter().filter(|other| other.row != read.row) {
                past.push(dot_bytes(&table.dot(other.row)?));
            }
        }
        Ok(Decision::Put(Cow::Owned(side(change.new, &past)), replaces))
    }

    fn conflict(entries: &[Entry<'_>]) -> bool {
        let value = |entry: &Entry<'_>| Side::parse(entry.value).map(|side| side.value.to_vec()).ok();
        entries.windows(2).any(|pair| value(&pair[0]) != value(&pair[1]))
    }
}

/// What somebody decided, as an entry: the value, and the conflict that it ends.
pub(crate) fn decided(value: &[u8], fingerprint: &Hash) -> Vec<u8> {
    side(value, &[fingerprint.as_bytes().to_vec()])
}

fn side(value: &[u8], notes: &[Vec<u8>]) -> Vec<u8> {
    let mut side = Vec::with_capacity(value.len() + 8);
    put_head(&mut side, 0x80, notes.len() + 1);
    side.extend_from_slice(value);
    for note in notes {
        put_head(&mut side, 0x40, note.len());
        side.extend_from_slice(note);
    }
    side
}

/// One side of a conflict: its value, and the dots that its writer read past.
pub(crate) struct Side<'a> {
    pub(crate) value: &'a [u8],
    past: Vec<&'a [u8]>,
}

impl<'a> Side<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Side<'a>> {
        let mut reader = Reader::new(bytes);
        let count = take_head(&mut reader, 0x80)?;
        let value = reader.take(value::item_len(reader.rest())?)?;
        let mut past = Vec::new();
        for _ in 1..count {
            let length = take_head(&mut reader, 0x40)?;
            past.push(reader.take(length)?);
        }
        Ok(Side { value, past })
    }

    /// The fingerprint of the conflict that this entry was written to end.
    pub(crate) fn decides(&self) -> Option<Hash> {
        self.past.iter().find_map(|note| Some(Hash::from_bytes(*note.as_array()?)))
    }

    /// The dots that the writer had seen and left standing.
    pub(crate) fn read_past(&self) -> Vec<Dot> {
        let dot = |note: &&[u8]| {
            let mut reader = Reader::new(note);
            let dot =
                Dot { actor: ActorId::from_bytes(reader.array().ok()?), sequence: reader.varint().ok()? };
            reader.is_empty().then_some(dot)
        };
        self.past.iter().filter_map(dot).collect()
    }
}

/// The newest of the entries that no other's writer has read past.
pub(crate) fn read_entry<'e, 'a>(entries: &'e [Entry<'a>], table: &Table<'_>) -> Result<&'e Entry<'a>> {
    if let [only] = entries {
        return Ok(only);
    }
    let mut past = Vec::new();
    for entry in entries {
        past.extend(Side::parse(entry.value)?.past);
    }
    // Sorted: a hundred sides may each have read past a hundred thousand dots.
    past.sort_unstable();
    let mut open = Vec::with_capacity(entries.len());
    for entry in entries {
        if past.is_empty() || past.binary_search(&dot_bytes(&table.dot(entry.row)?).as_slice()).is_err() {
            open.push(*entry);
        }
    }
    // Each of a circle of writers cannot have seen the others; bytes that say so read as the newest of all.
    let row = newest(if open.is_empty() { entries } else { &open })?.row;
    entries.iter().find(|entry| entry.row == row).ok_or_else(super::nothing)
}

fn dot_bytes(dot: &Dot) -> Vec<u8> {
    let mut bytes = dot.actor.as_bytes().to_vec();
    put_varint(&mut bytes, dot.sequence);
    bytes
}

/// The head of a CBOR list (0x80) or byte string (0x40) of so many.
fn put_head(out: &mut Vec<u8>, major: u8, count: usize) {
    match count {
        0..24 => out.push(major | count as u8),
        24..256 => out.extend_from_slice(&[major | 24, count as u8]),
        256..65536 => {
            out.push(major | 25);
            out.extend_from_slice(&(count as u16).to_be_bytes());
        }
        _ => {
            out.push(major | 26);
            out.extend_from_slice(&(count as u32).to_be_bytes());
        }
    }
}

fn take_head(reader: &mut Reader<'_>, major: u8) -> Result<usize> {
    let head = reader.byte()?;
    let count = match head & 31 {
        count @ 0..24 => usize::from(count),
        24 => usize::from(reader.byte()?),
        25 => usize::from(u16::from_be_bytes(reader.array()?)),
        26 => u32::from_be_bytes(reader.array()?) as usize,
        _ => return Err(not_a_side()),
    };
    if head & 0xe0 == major { Ok(count) } else { Err(not_a_side()) }
}

#[cold]
fn not_a_side() -> Error {
    Error::corrupt("a `conflict` holds something that is no list of a value and dots")
}
