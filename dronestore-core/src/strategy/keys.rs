//! Keys: the encoded elements of a set or keys of a map, in the order of their bytes.

use crate::error::Result;
use crate::value;
use serde::Serialize;
use std::collections::HashSet;
use std::ops::Range;

/// Encoded items in one buffer, each with its position in the collection it came from.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    bytes: Vec<u8>,
    items: Vec<(Range<usize>, usize)>,
}

impl Keys {
    /// The encoded items of a collection, sorted by their bytes.
    pub(crate) fn encode<'k, K: Serialize + 'k>(keys: impl Iterator<Item = &'k K>) -> Result<Keys> {
        let count = keys.size_hint().0.min(1 << 16);
        let mut all = Keys { bytes: Vec::with_capacity(count * 16), items: Vec::with_capacity(count) };
        for (position, key) in keys.enumerate() {
            let start = all.bytes.len();
            value::encode_into(key, &mut all.bytes)?;
            all.items.push((start..all.bytes.len(), position));
        }
        let bytes = &all.bytes;
        all.items.sort_unstable_by(|(a, _), (b, _)| bytes[a.clone()].cmp(&bytes[b.clone()]));
        Ok(all)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], usize)> {
        self.items.iter().map(|(range, position)| (&self.bytes[range.clone()], *position))
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn find(&self, key: &[u8]) -> Option<usize> {
        let found = self.items.binary_search_by(|(range, _)| self.bytes[range.clone()].cmp(key));
        found.ok().map(|index| self.items[index].1)
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
    /// reads from it is still there: `reencode` tells. Nor is one that the writer was never shown, because its type
    /// takes two stored keys for one: `shown` are the keys of the collection as it was loaded.
    pub(crate) fn between(
        loaded: &[&'k [u8]],
        new: &'k Keys,
        reencode: impl Fn(&[u8]) -> Result<Vec<u8>>,
        shown: impl FnOnce() -> Result<Keys>,
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
            reencode(key)?;
        }
        let shown = if found.removed.is_empty() { Keys::default() } else { shown()? };
        let mut poorer_kept = HashSet::new();
        for key in std::mem::take(&mut found.removed) {
            let poorer = reencode(key)?;
            match new.find(&poorer) {
                Some(position) if poorer != key => {
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
