//! Staged: the new heads of a transaction, kept as the bytes that the store is given.

use super::changes::{Mask, Told};
use super::rows;
use dronestore_core::Hash;
use std::collections::BTreeMap;

/// A new head that waits for the batch.
pub(crate) struct Staged {
    /// The row's key, and behind it its value.
    bytes: Vec<u8>,
    /// Where the value begins.
    value: usize,
    pub(crate) hash: Hash,
    /// The hash of the head that the store has.
    pub(crate) before: Option<Hash>,
    /// The number of its shape.
    pub(crate) number: u32,
    /// The attributes that were written.
    pub(crate) mask: Mask,
}

impl Staged {
    /// A head without a value yet, from the key of its row.
    pub(crate) fn new(row: Vec<u8>, before: Option<Hash>) -> Staged {
        let (value, hash) = (row.len(), Hash::from_bytes([0; 32]));
        Staged { bytes: row, value, hash, before, number: 0, mask: Mask::ANY }
    }

    /// The key of its row.
    pub(crate) fn row(&self) -> &[u8] {
        &self.bytes[..self.value]
    }

    /// The value of its row.
    pub(crate) fn value(&self) -> &[u8] {
        &self.bytes[self.value..]
    }

    /// Takes another value, which `write` appends.
    pub(crate) fn set_value(&mut self, hash: Hash, number: u32, write: impl FnOnce(&mut Vec<u8>)) {
        self.bytes.truncate(self.value);
        write(&mut self.bytes);
        (self.hash, self.number) = (hash, number);
    }

    /// What the change log tells of it.
    pub(crate) fn told(&self) -> Told<'_> {
        let (kind, key) = rows::split_head(self.row()).unwrap_or_default();
        let (old, new, number, mask) = (self.before.as_ref(), &self.hash, self.number, self.mask);
        Told { kind, key, old, new, number, mask }
    }
}

/// Staged heads by row. Most transactions write in the order of the rows: there each is put behind the last.
#[derive(Default)]
pub(crate) struct Heads {
    /// Ascending by row.
    run: Vec<Staged>,
    /// Those that came later and belong before the last of the run.
    others: BTreeMap<Vec<u8>, Staged>,
    /// Of rows as they were when they were first staged.
    bytes: usize,
}

impl Heads {
    pub(crate) fn len(&self) -> usize {
        self.run.len() + self.others.len()
    }

    /// About how many bytes they have.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.run.is_empty()
    }

    pub(crate) fn get(&self, row: &[u8]) -> Option<&Staged> {
        if self.is_behind(row) {
            return None;
        }
        match self.run.binary_search_by(|staged| staged.row().cmp(row)) {
            Ok(index) => Some(&self.run[index]),
            Err(_) => self.others.get(row),
        }
    }

    pub(crate) fn get_mut(&mut self, row: &[u8]) -> Option<&mut Staged> {
        if self.is_behind(row) {
            return None;
        }
        match self.run.binary_search_by(|staged| staged.row().cmp(row)) {
            Ok(index) => Some(&mut self.run[index]),
            Err(_) => self.others.get_mut(row),
        }
    }

    /// Adds one whose row is not there.
    pub(crate) fn insert(&mut self, staged: Staged) {
        self.bytes += staged.bytes.len();
        if self.is_behind(staged.row()) {
            self.run.push(staged);
        } else {
            self.others.insert(staged.row().to_vec(), staged);
        }
    }

    /// All of them, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Staged> {
        self.run.iter().chain(self.others.values())
    }

    /// All of them, ascending by row.
    pub(crate) fn into_sorted(mut self) -> Vec<Staged> {
        if !self.others.is_empty() {
            self.run.extend(self.others.into_values());
            // Two ascending runs are merged by it in one pass.
            self.run.sort_by(|one, other| one.row().cmp(other.row()));
        }
        self.run
    }

    /// Whether a row comes behind all that are staged.
    fn is_behind(&self, row: &[u8]) -> bool {
        self.run.last().is_none_or(|last| last.row() < row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_comes_out_sorted_and_is_found() {
        let orders: [&[u8]; 5] = [b"abcdef", b"fedcba", b"badcfe", b"facebd", b"cabdfe"];
        for order in orders {
            let mut heads = Heads::default();
            for byte in order {
                assert!(heads.get(&[*byte]).is_none());
                heads.insert(Staged::new(vec![*byte], None));
                assert!(heads.get(&[*byte]).is_some() && heads.get_mut(&[*byte]).is_some());
            }
            assert!(order.iter().all(|byte| heads.get(&[*byte]).is_some()));
            assert_eq!(heads.len(), order.len());
            let sorted: Vec<u8> = heads.into_sorted().iter().map(|staged| staged.row()[0]).collect();
            assert_eq!(sorted, b"abcdef");
        }
    }
}
