//! Rulings: what people decided about the conflicts of one version.

use std::sync::Arc;

/// By what value each decided `conflict` of one version reads.
///
/// It is made for one version ([`Version::rulings`](crate::Version::rulings)) and means nothing for another: places
/// are named by where they stand in the version's bytes. Without rulings a conflict reads as its newest open side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rulings(Vec<Ruling>);

/// One decided conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ruling {
    /// Where the first entry's value stands behind the table of dots.
    offset: usize,
    /// The conflict, by what is contested and not by where it stands.
    fingerprint: crate::Hash,
    /// The encoded value.
    value: Arc<[u8]>,
}

impl Rulings {
    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was decided about a conflict of this fingerprint: an encoded value.
    pub fn of(&self, fingerprint: &crate::Hash) -> Option<&Arc<[u8]>> {
        self.0.iter().find(|ruling| ruling.fingerprint == *fingerprint).map(|ruling| &ruling.value)
    }

    pub(crate) fn push(&mut self, offset: usize, fingerprint: crate::Hash, value: Arc<[u8]>) {
        self.0.push(Ruling { offset, fingerprint, value });
    }

    /// Linear: an object has a few conflicts.
    pub(crate) fn find(&self, offset: usize) -> Option<&[u8]> {
        self.0.iter().find(|ruling| ruling.offset == offset).map(|ruling| &*ruling.value)
    }
}
