//! `latest_object`: all such fields together, from the write that last changed one of them.

use super::latest::Latest;
use super::{Codec, Encode, ReadPlace, Replaces, WritePlace, read_register};
use crate::bytes::Reader;
use crate::causal::Structure;
use crate::error::{Error, Result};
use crate::value;
use serde::Serialize;

/// The members of the one entry, as encoded (name, value) pairs in the order of their names' bytes.
///
/// | met | reads as |
/// |---|---|
/// | two concurrent writes of different members | all members of the newer; the other write is listed, not mixed in |
/// | a member that the writer's program does not know | carried over by the write |
///
/// Stored: one dot → a map of name → value. Not for fields that are edited independently: use `latest`.
pub(crate) type Members<'a> = Vec<(&'a [u8], &'a [u8])>;

/// Splits an encoded map into its encoded pairs.
pub(crate) fn members(map: &[u8]) -> Result<Members<'_>> {
    let not_a_map = || Error::corrupt("a `latest_object` holds something that is no map");
    let mut reader = Reader::new(map);
    let head = reader.byte()?;
    let count = match head {
        0xa0..=0xb7 => usize::from(head & 31),
        0xb8 => usize::from(reader.byte()?),
        0xb9 => usize::from(u16::from_be_bytes(reader.array()?)),
        0xba => u32::from_be_bytes(reader.array()?) as usize,
        _ => return Err(not_a_map()),
    };
    let mut members = Vec::with_capacity(count.min(map.len()));
    for _ in 0..count {
        let name = reader.take(value::item_len(reader.rest())?)?;
        members.push((name, reader.take(value::item_len(reader.rest())?)?));
    }
    Ok(members)
}

/// The members of a place, to read one by one.
#[derive(Debug, Default)]
pub struct ReadObject<'a> {
    members: Members<'a>,
}

impl<'a> ReadObject<'a> {
    /// The members that the newest write holds.
    pub(crate) fn new(place: ReadPlace<'a>) -> Result<ReadObject<'a>> {
        let map = match place.single()? {
            Some(single) => Some(single),
            None if place.is_empty() => None,
            None => Some(super::newest(&place.entries()?)?.value),
        };
        Ok(ReadObject { members: map.map_or_else(|| Ok(Vec::new()), members)? })
    }

    /// The encoded value of a member.
    pub(crate) fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.members.iter().find(|(key, _)| is_text(key, name)).map(|(_, value)| *value)
    }
}

/// Whether an encoded item is this text; no allocation.
fn is_text(item: &[u8], text: &str) -> bool {
    item.ends_with(text.as_bytes())
        && item.len() - text.len() == text_head(text.len())
        && item.first().is_some_and(|head| head >> 5 == 3)
}

fn text_head(length: usize) -> usize {
    match length {
        0..24 => 1,
        24..256 => 2,
        256..65536 => 3,
        _ => 5,
    }
}

/// The members of a place, to write one by one; `finish` writes them together.
#[derive(Debug)]
pub struct WriteObject<'a> {
    loaded: ReadObject<'a>,
    /// Encoded names and values of the changed members, one behind the other.
    buffer: Vec<u8>,
    /// Where in the buffer each changed member's name and value begin, and where the value ends.
    changed: Vec<[usize; 3]>,
}

impl<'a> WriteObject<'a> {
    pub(crate) fn new(loaded: ReadObject<'a>) -> Self {
        WriteObject { loaded, buffer: Vec::with_capacity(64), changed: Vec::new() }
    }

    /// Sets a member if it differs from what was loaded.
    pub(crate) fn set<T: Serialize + ?Sized>(
        &mut self,
        name: &str,
        new: &T,
        codec: Codec,
        default: Encode<'_>,
    ) -> Result<()> {
        let start = self.buffer.len();
        value::encode_into(name, &mut self.buffer)?;
        let middle = self.buffer.len();
        value::encode_into(new, &mut self.buffer)?;
        let end = self.buffer.len();
        let unchanged = match self.loaded.get(name) {
            Some(old) => {
                *old == self.buffer[middle..]
                    || codec.again(old).is_ok_and(|old| *old == self.buffer[middle..])
            }
            None => {
                default(&mut self.buffer)?;
                let same = self.buffer[middle..end] == self.buffer[end..];
                self.buffer.truncate(end);
                same
            }
        };
        if unchanged {
            self.buffer.truncate(start);
        } else {
            // What its own type could not read back is not written.
            codec.check(&self.buffer[middle..])?;
            self.changed.push([start, middle, end]);
        }
        Ok(())
    }

    /// Writes all members, those that were not changed as they were stored.
    pub(crate) fn finish(self, place: &mut WritePlace<'_>) -> Result<()> {
        if self.changed.is_empty() {
            return place.keep(Structure::Values);
        }
        let name = |[start, middle, _]: &[usize; 3]| &self.buffer[*start..*middle];
        let is_changed = |member: &[u8]| self.changed.iter().any(|changed| name(changed) == member);
        let mut members: Members<'_> = Vec::with_capacity(self.loaded.members.len() + self.changed.len());
        members.extend(self.loaded.members.iter().filter(|(name, _)| !is_changed(name)));
        members
            .extend(self.changed.iter().map(|changed| (name(changed), &self.buffer[changed[1]..changed[2]])));
        members.sort_unstable();
        let mut map = std::mem::take(&mut place.pen.scratch);
        map.clear();
        put_map_head(members.len(), &mut map);
        for (name, value) in members {
            map.extend_from_slice(name);
            map.extend_from_slice(value);
        }
        place.put(&map, Replaces::Seen)?;
        place.pen.scratch = map;
        Ok(())
    }
}

fn put_map_head(count: usize, out: &mut Vec<u8>) {
    match count {
        0..24 => out.push(0xa0 | count as u8),
        24..256 => out.extend_from_slice(&[0xb8, count as u8]),
        256..65536 => {
            out.push(0xb9);
            out.extend_from_slice(&(count as u16).to_be_bytes());
        }
        _ => {
            out.push(0xba);
            out.extend_from_slice(&(count as u32).to_be_bytes());
        }
    }
}

/// The whole object as one encoded map; `None` where nothing was written.
pub(crate) fn read(place: ReadPlace<'_>) -> Result<Option<std::borrow::Cow<'_, [u8]>>> {
    read_register::<Latest>(place)
}
