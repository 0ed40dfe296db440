//! Near: whether an element may be one of a few, told in a nanosecond.

use super::run::{Id, Run, Stem};

/// The rows of a few elements, by their last bits: most of a long sequence has nothing to do with them.
#[derive(Debug, Default)]
pub(super) struct Near([u64; 16]);

impl Near {
    /// Of these elements.
    pub(super) fn of(ids: impl IntoIterator<Item = Id>) -> Near {
        let mut near = Near::default();
        ids.into_iter().for_each(|id| near.put(id));
        near
    }

    pub(super) fn put(&mut self, id: Id) {
        self.0[id.row as usize >> 6 & 15] |= 1 << (id.row & 63);
    }

    /// Whether it may be one of them.
    #[inline]
    pub(super) fn may_be(&self, id: Id) -> bool {
        self.0[id.row as usize >> 6 & 15] >> (id.row & 63) & 1 == 1
    }

    /// The element that a run hangs on, if it may be one of them.
    #[inline]
    pub(super) fn stem(&self, run: &Run<'_>) -> Option<Id> {
        match run.stem {
            Stem::Left(id) | Stem::Right(id) if self.may_be(id) => Some(id),
            _ => None,
        }
    }
}
