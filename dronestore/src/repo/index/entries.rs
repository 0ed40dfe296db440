//! Rows of indexes that wait for a batch: one buffer for all of them.

use dronestore_core::store::Write;

/// Rows to write and to take away.
#[derive(Default)]
pub(crate) struct Entries {
    bytes: Vec<u8>,
    rows: Vec<Row>,
}

struct Row {
    /// What follows the first byte: it decides almost every comparison, without a look at the buffer.
    rank: u128,
    start: usize,
    end: usize,
    is_put: bool,
}

impl Entries {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn push(&mut self, parts: [&[u8]; 2], is_put: bool) {
        let start = self.bytes.len();
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        let mut rank = [0; 16];
        for (rank, byte) in rank.iter_mut().zip(self.bytes[start..].iter().skip(1)) {
            *rank = *byte;
        }
        self.rows.push(Row { rank: u128::from_be_bytes(rank), start, end: self.bytes.len(), is_put });
    }

    /// In the order of the rows, those that are taken away first: what is built may be what is changed.
    pub(crate) fn sort(&mut self) {
        let bytes = &self.bytes;
        self.rows.sort_unstable_by(|a, b| {
            let rest = || (&bytes[a.start..a.end], a.is_put).cmp(&(&bytes[b.start..b.end], b.is_put));
            a.rank.cmp(&b.rank).then_with(rest)
        });
    }

    /// Each row, and whether it is written.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], bool)> {
        self.rows.iter().map(|row| (&self.bytes[row.start..row.end], row.is_put))
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn writes(&self) -> impl Iterator<Item = Write<'_>> {
        self.iter().map(|(row, is_put)| if is_put { Write::put(row, &[]) } else { Write::delete(row) })
    }
}
