//! Writes: what this repo wrote since it was opened, and what stood there before. Bounded: of many writes of one object
//! the first is kept longest, and what had to be forgotten is known to be.

use dronestore_core::version::Shape;
use dronestore_core::{Key, Version};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// How many writes, and bytes of what they replaced, are remembered.
pub(super) const MOST: usize = 1 << 14;
const MOST_BYTES: usize = 8 << 20;

/// One own write of one object.
#[derive(Debug)]
pub(super) struct Written {
    /// The hash of the object's row.
    object: u64,
    before: Before,
    /// The number that the log's next row had.
    row: u64,
    /// Whether earlier writes of the object may be forgotten.
    follows_gap: bool,
    /// The object's write before this one.
    previous: u32,
}

/// What stood there before a write.
#[derive(Debug)]
pub(super) enum Before {
    Version(Version),
    Nothing(Key, Arc<Shape>),
}

impl Before {
    fn is_of(&self, kind: &str, key: &Key) -> bool {
        match self {
            Before::Version(version) => version.key() == key && version.kind() == kind,
            Before::Nothing(of, shape) => of == key && shape.kind() == kind,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Before::Version(version) => version.state_bytes().len(),
            Before::Nothing(..) => 0,
        }
    }
}

/// What is known of the own writes of one object.
#[derive(Debug)]
pub(super) struct Past {
    /// What stood there before each write that is remembered, the earliest first; `None` where nothing did.
    pub(super) before: Vec<Option<Version>>,
    /// The number that the log's next row had at the first.
    pub(super) row: u64,
    /// Whether it may have been written before these.
    pub(super) is_torn: bool,
}

/// Own writes, found by object.
#[derive(Debug, Default)]
pub(super) struct Writes {
    all: Vec<Written>,
    /// The last write of an object, by the hash of its row.
    last: HashMap<u64, u32, BuildHasherDefault<Plain>>,
    bytes: usize,
    has_gap: bool,
}

const NONE: u32 = u32::MAX;

impl Writes {
    pub(super) fn push(&mut self, object: u64, before: Before, row: u64) {
        if self.all.len() >= MOST || self.bytes > MOST_BYTES {
            self.shrink();
        }
        self.put(object, before, row, self.has_gap);
    }

    fn put(&mut self, object: u64, before: Before, row: u64, follows_gap: bool) {
        self.bytes += before.bytes();
        let previous = self.last.insert(object, self.all.len() as u32).unwrap_or(NONE);
        self.all.push(Written { object, before, row, follows_gap, previous });
    }

    /// More was written than is told.
    pub(super) fn miss(&mut self) {
        self.has_gap = true;
    }

    /// What is known of an object; `None` where nothing was written since the repo was opened.
    pub(super) fn of(&self, object: u64, kind: &str, key: &Key) -> Option<Past> {
        let mut past = Past { before: Vec::new(), row: u64::MAX, is_torn: self.has_gap };
        let mut next = self.last.get(&object).copied().unwrap_or(NONE);
        while let Some(written) = self.all.get(next as usize) {
            if written.before.is_of(kind, key) {
                past.before.push(match &written.before {
                    Before::Version(version) => Some(version.clone()),
                    Before::Nothing(..) => None,
                });
                (past.row, past.is_torn) = (written.row, written.follows_gap);
            }
            next = written.previous;
        }
        past.before.reverse();
        // Whatever was forgotten, nothing of an object that was not there.
        past.is_torn &= past.before.first().is_none_or(Option::is_some);
        (past.is_torn || !past.before.is_empty()).then_some(past)
    }

    /// Keeps the first write of each object, and of these the later half if they are many.
    fn shrink(&mut self) {
        let all = std::mem::take(self);
        let mut first: Vec<Written> =
            all.all.into_iter().filter(|written| written.previous == NONE).collect();
        self.has_gap = all.has_gap;
        let bytes: usize = first.iter().map(|written| written.before.bytes()).sum();
        if first.len() > MOST / 2 || bytes > MOST_BYTES / 2 {
            first.drain(..first.len() / 2);
            self.has_gap = true;
        }
        for written in first {
            self.put(written.object, written.before, written.row, written.follows_gap);
        }
    }
}

/// A short hash of a row, for finding an object; what it finds is compared.
pub(super) fn object(row: &[u8]) -> u64 {
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let (words, rest) = row.as_chunks::<8>();
    let hash = words.iter().fold(row.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let rest = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    mix(mix(hash, rest), hash)
}

/// Takes a number that is a hash as its own.
#[derive(Default)]
pub(super) struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = object(bytes);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded_and_what_is_forgotten_is_known() {
        let shape = dronestore_core::version::ShapeBuilder::new("k").finish().unwrap();
        let key = |number: usize| Key::for_kind("k", &number.to_string()).unwrap();
        let mut writes = Writes::default();
        let mut write = |number: usize| {
            let key = key(number);
            writes.push(object(key.as_encoded()), Before::Nothing(key, shape.clone()), number as u64);
            assert!(writes.all.len() <= MOST);
            writes.has_gap
        };
        // One object, written often, keeps its first write.
        write(0);
        assert!((0..3 * MOST).all(|_| !write(1)));
        (2..2 * MOST).for_each(|number| {
            write(number);
        });
        let past = |number: usize| writes.of(object(key(number).as_encoded()), "k", &key(number));
        assert!(past(0).is_some_and(|past| past.is_torn && past.before.is_empty()));
        assert!(past(2 * MOST - 1).is_some_and(|past| !past.is_torn && past.before.len() == 1));
    }
}
