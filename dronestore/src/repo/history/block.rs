//! Block: a run of some hundred entries in columns, compressed, with one version in front and one hash for all.
//!
//! ```text
//! block   := 01, count, first time (8 bytes), last time (8 bytes), hash of the last version, length, sized compressed
//! columns := base, count, actor*, count, (sized name, form)*, sized column*
//! ```
//!
//! Sequence numbers, tags and hashes of commits are not in it where they follow from what is. Of what was written to an
//! attribute only the middle is told that the last write to it did not have.

use super::entry::{
    ARRIVED, BLOCK, COMMIT, Change, DELETED, DELTA, Entry, FORM, STEP, TAG, WHOLE, Whole, put_base,
    put_commit, put_several, put_time, sound, take_base, take_commit, take_several, take_time,
};
use super::run::Run;
use dronestore_core::bytes::{Reader, put_slice, put_varint, unzigzag, zigzag};
use dronestore_core::causal::Form;
use dronestore_core::version::delta::{Step, WroteAttribute};
use dronestore_core::{ActorId, Error, Hash, Nanotime, Result};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// How hard the compressor tries.
const LEVEL: u8 = 8;
/// The most entries of a block.
pub(super) const MOST: u64 = 1 << 12;
/// The most bytes of a block's columns.
const MOST_RAW: usize = 96 << 20;
/// The most bytes of what its entries wrote, put together again.
const MOST_BODIES: usize = 96 << 20;

/// The columns, in their order.
mod column {
    pub(super) const FLAGS: usize = 0;
    pub(super) const TIMES: usize = 1;
    pub(super) const ACTORS: usize = 2;
    /// Stamps that are not the entry's time, counts of commits, tags.
    pub(super) const MORE: usize = 3;
    pub(super) const KEPT: usize = 4;
    pub(super) const WROTE: usize = 5;
    pub(super) const SHARED_IN_FRONT: usize = 6;
    pub(super) const SHARED_BEHIND: usize = 7;
    pub(super) const LENGTHS: usize = 8;
    pub(super) const BYTES: usize = 9;
    /// Commits, deltas and whole versions.
    pub(super) const OTHERS: usize = 10;
    pub(super) const ALL: usize = 11;
}

/// What a block says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockHead {
    pub(super) count: u64,
    pub(super) first: Nanotime,
    pub(super) last: Nanotime,
    /// The hash of the version after the last entry.
    pub(super) hash: Hash,
}

impl BlockHead {
    /// Reads the head of a row, behind its first byte.
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<BlockHead> {
        let count = reader.varint()?;
        if count == 0 || count > MOST {
            return Err(Error::corrupt(format!("a block of {count} entries is not accepted")));
        }
        let (first, last) = (take_time(reader)?, take_time(reader)?);
        Ok(BlockHead { count, first, last, hash: Hash::from_bytes(reader.array()?) })
    }
}

/// Writes a run as a block.
pub(super) fn encode(run: &Run, hash: &Hash) -> Vec<u8> {
    let mut out = vec![BLOCK];
    put_varint(&mut out, run.entries.len() as u64);
    let time = |entry: Option<&Entry>| entry.map_or(Nanotime::MIN, |entry| entry.time);
    put_time(&mut out, time(run.entries.first()));
    put_time(&mut out, time(run.entries.last()));
    out.extend_from_slice(hash.as_bytes());
    let raw = columns(run);
    put_varint(&mut out, raw.len() as u64);
    put_slice(&mut out, &compress_to_vec(&raw, LEVEL));
    out
}

/// An attribute and the last that was written to it.
type Last<'r> = (&'r str, &'r [u8], &'r [u8]);

fn columns(run: &Run) -> Vec<u8> {
    let mut columns = vec![Vec::new(); column::ALL];
    let (mut actors, mut attributes): (Vec<ActorId>, Vec<Last<'_>>) = (Vec::new(), Vec::new());
    let mut time = run.entries.first().map_or(Nanotime::MIN, |entry| entry.time);
    for entry in &run.entries {
        columns[column::FLAGS].push(entry.flags());
        put_apart(&mut columns[column::TIMES], entry.time, time);
        time = entry.time;
        if let Some(commit) = &entry.commit {
            put_commit(&mut columns[column::OTHERS], commit);
        }
        match &entry.change {
            Change::Step(step) => {
                let number = actors.iter().position(|actor| *actor == step.actor);
                let number = number.unwrap_or_else(|| {
                    actors.push(step.actor);
                    actors.len() - 1
                });
                put_varint(&mut columns[column::ACTORS], number as u64);
                let more = &mut columns[column::MORE];
                if entry.has_stamp() {
                    put_apart(more, step.time, entry.time);
                }
                if step.commits > 1 {
                    put_several(more, step);
                }
                more.extend_from_slice(step.tag.as_ref().map_or(&[], |tag| &tag[..]));
                put_varint(&mut columns[column::KEPT], step.kept.len() as u64);
                step.kept.iter().for_each(|count| put_varint(&mut columns[column::KEPT], *count));
                put_varint(&mut columns[column::WROTE], step.wrote.len() as u64);
                for wrote in &step.wrote {
                    put_wrote(&mut columns, &mut attributes, wrote);
                }
            }
            Change::Delta(delta) => put_slice(&mut columns[column::OTHERS], delta),
            Change::Whole(whole) => whole.encode(&mut columns[column::OTHERS]),
        }
    }
    let mut out = Vec::new();
    put_base(&mut out, run.base.as_ref());
    put_varint(&mut out, actors.len() as u64);
    actors.iter().for_each(|actor| out.extend_from_slice(actor.as_bytes()));
    put_varint(&mut out, attributes.len() as u64);
    for (name, form, _) in attributes {
        put_slice(&mut out, name.as_bytes());
        out.extend_from_slice(form);
    }
    columns.iter().for_each(|column| put_slice(&mut out, column));
    out
}

fn put_wrote<'r>(columns: &mut [Vec<u8>], attributes: &mut Vec<Last<'r>>, wrote: &'r WroteAttribute) {
    let is_it = |(name, form, _): &Last<'_>| (*name, *form) == (&*wrote.name, &*wrote.form);
    let number = attributes.iter().position(is_it).unwrap_or_else(|| {
        attributes.push((&wrote.name, &wrote.form, &[]));
        attributes.len() - 1
    });
    let (body, last) = (&wrote.body[..], std::mem::replace(&mut attributes[number].2, &wrote.body));
    let same = |(a, b): &(&u8, &u8)| a == b;
    let front = body.iter().zip(last).take_while(same).count();
    let rest = body[front..].iter().rev().zip(last[front..].iter().rev());
    let behind = rest.take_while(same).count();
    let middle = &body[front..body.len() - behind];
    put_varint(&mut columns[column::WROTE], number as u64);
    put_varint(&mut columns[column::SHARED_IN_FRONT], front as u64);
    put_varint(&mut columns[column::SHARED_BEHIND], behind as u64);
    put_varint(&mut columns[column::LENGTHS], middle.len() as u64);
    columns[column::BYTES].extend_from_slice(middle);
}

fn put_apart(out: &mut Vec<u8>, time: Nanotime, base: Nanotime) {
    put_varint(out, zigzag(time.as_nanos().wrapping_sub(base.as_nanos()) as i64));
}

fn take_apart(reader: &mut Reader<'_>, base: Nanotime) -> Result<Nanotime> {
    Ok(Nanotime::from_nanos(base.as_nanos().wrapping_add(unzigzag(reader.varint()?) as u64)))
}

/// Reads a block's row, without its first byte.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where it is anything but what [`encode`] writes. Whether its entries lead to the
/// version that the head names is for whoever applies them to see.
///
/// Cost: linear in the columns, of which there are at most 96 MiB.
pub(super) fn decode(first: u64, row: &mut Reader<'_>) -> Result<(BlockHead, Run)> {
    let head = BlockHead::decode(row)?;
    let length = row.length()?;
    if length > MOST_RAW {
        return Err(Error::corrupt("a block of the history is longer than it may be"));
    }
    let compressed = row.slice()?;
    let raw = decompress_to_vec_with_limit(compressed, length)
        .map_err(|error| Error::corrupt("a block cannot be decompressed").with_source(error.to_string()))?;
    if raw.len() != length || !row.is_empty() {
        return Err(Error::corrupt("a block of the history is not as long as it says"));
    }
    let mut reader = Reader::new(&raw);
    let base = take_base(&mut reader)?;
    let (mut actors, mut attributes) = (Vec::new(), Vec::new());
    for _ in 0..reader.varint()? {
        actors.push(ActorId::from_bytes(reader.array()?));
    }
    for _ in 0..reader.varint()? {
        let name = reader.text()?.to_owned();
        let form = Form::split(&mut reader)?.as_bytes().to_vec();
        attributes.push(sound(WroteAttribute { name, form, body: Vec::new() })?);
    }
    let mut columns = Vec::with_capacity(column::ALL);
    for _ in 0..column::ALL {
        columns.push(Reader::new(reader.slice()?));
    }
    let mut unpack = Unpack { columns, actors, attributes, time: head.first, bytes: 0 };
    let mut entries = Vec::with_capacity(head.count.min(256) as usize);
    for _ in 0..head.count {
        entries.push(unpack.entry()?);
    }
    if unpack.time != head.last {
        return Err(Error::corrupt("a block of the history does not end when it says"));
    }
    if !reader.is_empty() || !unpack.columns.iter().all(Reader::is_empty) {
        return Err(Error::corrupt("a block of the history holds more than its entries"));
    }
    Ok((head, Run { first, base, entries, ends: Some(head.hash), ids: Vec::new() }))
}

struct Unpack<'a> {
    columns: Vec<Reader<'a>>,
    actors: Vec<ActorId>,
    /// With the last that was written to each.
    attributes: Vec<WroteAttribute>,
    time: Nanotime,
    bytes: usize,
}

impl Unpack<'_> {
    fn take(&mut self, column: usize) -> Result<u64> {
        self.columns[column].varint()
    }

    fn entry(&mut self) -> Result<Entry> {
        let flags = self.columns[column::FLAGS].byte()?;
        let time = take_apart(&mut self.columns[column::TIMES], self.time)?;
        self.time = time;
        let arrived = flags & ARRIVED != 0;
        let others = &mut self.columns[column::OTHERS];
        let commit = if flags & COMMIT != 0 { Some(take_commit(others)?) } else { None };
        let change = match flags & FORM {
            STEP => Change::Step(self.step(flags, (time, arrived || commit.is_some()))?),
            DELTA => Change::Delta(others.slice()?.to_vec()),
            WHOLE => Change::Whole(Whole::decode(others)?),
            _ => return Err(Error::corrupt("an entry of the history is of no known form")),
        };
        Ok(Entry { time, arrived, commit, change })
    }

    fn step(&mut self, flags: u8, (time, has_stamp): (Nanotime, bool)) -> Result<Step> {
        let number = self.columns[column::ACTORS].length()?;
        let actor = self.actors.get(number).copied();
        let actor = actor.ok_or_else(|| Error::corrupt("an entry of the history is nobody's"))?;
        let more = &mut self.columns[column::MORE];
        let time = if has_stamp { take_apart(more, time)? } else { time };
        let (commits, passed) = take_several(more, flags, time)?;
        let tag = if flags & TAG != 0 { Some(more.array()?) } else { None };
        let (mut kept, mut wrote) = (Vec::new(), Vec::new());
        for _ in 0..self.take(column::KEPT)? {
            kept.push(self.take(column::KEPT)?);
        }
        for _ in 0..self.take(column::WROTE)? {
            wrote.push(self.wrote()?);
        }
        Ok(Step { actor, time, deleted: flags & DELETED != 0, commits, tag, passed, kept, wrote })
    }

    fn wrote(&mut self) -> Result<WroteAttribute> {
        let number = self.columns[column::WROTE].length()?;
        let (front, behind) =
            (self.columns[column::SHARED_IN_FRONT].length()?, self.columns[column::SHARED_BEHIND].length()?);
        let length = self.columns[column::LENGTHS].length()?;
        let middle = self.columns[column::BYTES].take(length)?;
        let missing = || Error::corrupt("an entry of the history wrote to no attribute");
        let attribute = self.attributes.get_mut(number).ok_or_else(missing)?;
        let last = &attribute.body;
        if front.checked_add(behind).is_none_or(|shared| shared > last.len()) {
            return Err(Error::corrupt("an entry shares more with the one before it than there is"));
        }
        let mut body = Vec::with_capacity(front + middle.len() + behind);
        body.extend_from_slice(&last[..front]);
        body.extend_from_slice(middle);
        body.extend_from_slice(&last[last.len() - behind..]);
        self.bytes += body.len();
        if self.bytes > MOST_BODIES {
            return Err(Error::corrupt("a block of the history wrote more than it may"));
        }
        attribute.body.clone_from(&body);
        Ok(WroteAttribute { name: attribute.name.clone(), form: attribute.form.clone(), body })
    }
}
