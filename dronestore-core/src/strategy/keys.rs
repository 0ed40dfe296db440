//! Keys: the encoded elements of a set or keys of a map, in the order of their bytes.

use super::Codec;
use crate::error::Result;
use crate::value;
use serde::Serialize;
use smallvec::SmallVec;
use std::collections::HashSet;

/// Encoded items in one buffer, each with its position in the collection it came from.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    bytes: Vec<u8>,
    items: SmallVec<[Item; 8]>,
}

/// Where an encoded item stands in the buffer, and its position in the collection.
#[derive(Debug, Clone, Copy)]
struct Item {
    /// The first eight bytes as a number, which orders most items without a look into the buffer.
    first: u64,
    start: usize,
    end: usize,
    position: usize,
}

impl Item {
    #[inline]
    fn new(bytes: &[u8], start: usize, position: usize) -> Item {
        let item = &bytes[start..];
        let mut first = [0; 8];
        match item.first_chunk() {
            Some(chunk) => first = *chunk,
            None => first.iter_mut().zip(item).for_each(|(to, byte)| *to = *byte),
        }
        Item { first: u64::from_be_bytes(first), start, end: bytes.len(), position }
    }
}

impl Keys {
    /// The encoded items of a collection, sorted by their bytes.
    pub(crate) fn encode<'k, K: Serialize + 'k>(keys: impl Iterator<Item = &'k K>) -> Result<Keys> {
        Keys::encode_in(keys, Vec::new())
    }

    /// As [`Keys::encode`], in a buffer that is there already.
    pub(crate) fn encode_in<'k, K: Serialize + 'k>(
        keys: impl Iterator<Item = &'k K>,
        mut bytes: Vec<u8>,
    ) -> Result<Keys> {
        bytes.clear();
        let mut items: SmallVec<[Item; 8]> = SmallVec::new();
        for (position, key) in keys.enumerate() {
            let start = bytes.len();
            value::encode_into(key, &mut bytes)?;
            items.push(Item::new(&bytes, start, position));
        }
        Ok(Keys::sorted(bytes, items))
    }

    fn sorted(bytes: Vec<u8>, mut items: SmallVec<[Item; 8]>) -> Keys {
        let rest = |item: &Item| &bytes[item.start..item.end];
        items.sort_unstable_by(|a, b| a.first.cmp(&b.first).then_with(|| rest(a).cmp(rest(b))));
        Keys { bytes, items }
    }

    /// The buffer, for its memory.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], usize)> {
        self.items.iter().map(|item| (&self.bytes[item.start..item.end], item.position))
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn find(&self, key: &[u8]) -> Option<usize> {
        let found = self.items.binary_search_by(|item| self.bytes[item.start..item.end].cmp(key));
        found.ok().map(|index| self.items[index].position)
    }

    pub(crate) fn is_same_as(&self, other: &Keys) -> bool {
        self.len() == other.len() && self.iter().zip(other.iter()).all(|((a, _), (b, _))| a == b)
    }
}

/// How the keys of a collection differ from those that were loaded.
#[derive(Debug, Default)]
pub(crate) struct Difference<'k> {
    /// Loaded and gone.
    pub(crate) removed: Vec<&'k [u8]>,
    /// New, with their positions in the collection.
    pub(crate) added: Vec<(&'k [u8], usize)>,
    /// In both: as stored, and the position in the collection.
    pub(crate) kept: Vec<(&'k [u8], usize)>,
}

impl<'k> Difference<'k> {
    /// Compares ordered loaded keys with a collection's.
    ///
    /// A stored key that a newer program encoded more richly than this one is not gone while what this one
    /// reads from it is still there: `codec` tells. Nor is one that the writer was never shown, because its type
    /// takes two stored keys for one: `shown` are the keys of the collection as it was loaded.
    pub(crate) fn between(
        loaded: &[&'k [u8]],
        new: &'k Keys,
        codec: Codec,
        shown: &dyn Fn() -> Result<Keys>,
    ) -> Result<Difference<'k>> {
        let mut found = Difference::default();
        let mut new_keys = new.iter().peekable();
        for &key in loaded {
            while let Some(fresh) = new_keys.next_if(|(fresh, _)| *fresh < key) {
                found.added.push(fresh);
            }
            match new_keys.next_if(|(fresh, _)| *fresh == key) {
                Some((_, position)) => found.kept.push((key, position)),
                None => found.removed.push(key),
            }
        }
        found.added.extend(new_keys);
        for (key, _) in &found.added {
            // What its own type could not read back is not written.
            codec.check(key)?;
        }
        let shown = if found.removed.is_empty() { Keys::default() } else { shown()? };
        let mut poorer_kept = HashSet::new();
        for key in std::mem::take(&mut found.removed) {
            let poorer = codec.again(key)?;
            match new.find(&poorer) {
                Some(position) if *poorer != *key => {
                    poorer_kept.insert(position);
                    found.kept.push((key, position));
                }
                _ if shown.find(&poorer).is_some() => found.removed.push(key),
                _ => {}
            }
        }
        found.added.retain(|(_, position)| !poorer_kept.contains(position));
        found.kept.sort_unstable_by_key(|(key, _)| *key);
        if found.kept.len() > new.len() - found.added.len() {
            // Of several stored keys that read as one the last was shown; the others stay as they are.
            let mut shown = HashSet::new();
            found.kept.reverse();
            found.kept.retain(|(_, position)| shown.insert(*position));
            found.kept.reverse();
        }
        Ok(found)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty()
    }
}
