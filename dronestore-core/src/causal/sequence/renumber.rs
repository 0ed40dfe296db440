//! Renumbering: the runs of a sequence as they are, in the rows of another table.

use super::run::Content;
use crate::bytes::{Reader, put_varint};
use crate::causal::join::{Fate, Join, Slot};
use crate::error::{Error, Result};

/// Copies runs to where their rows stand, appending them; says whether all was copied. It stops at the first element
/// that does not live, and has appended some then.
///
/// One number for one row: what could not be one run before cannot be after.
fn copy(runs: &[u8], content: Content, slots: &[Slot], used: &mut [bool], out: &mut Vec<u8>) -> Result<bool> {
    let mut reader = Reader::new(runs);
    let find = |row: u64| {
        let slot = usize::try_from(row).ok().and_then(|row| slots.get(row));
        slot.ok_or_else(|| Error::corrupt("an entry names no row of the table"))
    };
    out.reserve(runs.len());
    while !reader.is_empty() {
        let head = reader.varint()?;
        put_varint(out, head);
        let slot = find(reader.varint()?)?;
        if slot.fate != Fate::Lives {
            return Ok(false);
        }
        if let Some(used) = used.get_mut(slot.to as usize) {
            *used = true;
        }
        put_varint(out, u64::from(slot.to));
        put_varint(out, reader.varint()?);
        if head & 2 == 0 {
            let stem = reader.varint()?;
            match (stem >> 1).checked_sub(1) {
                None => out.push(0),
                Some(row) => {
                    put_varint(out, (u64::from(find(row)?.to) + 1) << 1 | stem & 1);
                    put_varint(out, reader.varint()?);
                }
            }
        }
        if head & 1 == 1 {
            let size = reader.length()?;
            put_varint(out, size as u64);
            let size = match content {
                Content::Chars => size.saturating_add(usize::try_from(head >> 2).unwrap_or(usize::MAX)),
                Content::Values => size,
            };
            out.extend_from_slice(reader.take(size)?);
        }
    }
    Ok(true)
}

impl Join {
    /// Appends the runs of ours where all of them live and theirs has none; says whether it did.
    pub(super) fn renumber(&mut self, runs: &[u8], content: Content, out: &mut Vec<u8>) -> Result<bool> {
        let (start, before) = (out.len(), self.used.clone());
        let Join { ours, used, .. } = self;
        let done = copy(runs, content, ours, used, out)?;
        if !done {
            out.truncate(start);
            self.used = before;
        }
        Ok(done)
    }
}
