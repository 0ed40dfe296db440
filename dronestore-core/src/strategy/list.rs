//! `list`: item by item; what two insert at one place stays together.
//!
//! The items that the commits seen have inserted and none has deleted (Weidner, Kleppmann, "The Art of the Fugue",
//! 2023).
//!
//! | met | reads as |
//! |---|---|
//! | items inserted at one place | those of the one, then those of the other |
//! | an item inserted beside one that was concurrently deleted | the inserted item |
//! | an item changed | that item deleted and another inserted |
//!
//! Stored: runs of items, and without content those that a visible one hangs below. Not where items are moved, or
//! edited by two at once: use `list(moves)`, `list(nested)`.

use super::diff::hunks;
use super::sequence;
use super::text::count;
use super::{ReadPlace, WritePlace};
use crate::bytes::Reader;
use crate::causal::Structure;
use crate::causal::sequence::{Content, Runs, Splice};
use crate::error::Result;
use crate::value;
use serde::Serialize;
use std::borrow::Cow;

const STRUCTURE: Structure<'static> = Structure::Sequence(Content::Values);

/// The encoded items, in order; `None` where nothing was written.
pub(crate) fn read(place: ReadPlace<'_>) -> Result<Option<Vec<&[u8]>>> {
    if place.is_empty() {
        return Ok(None);
    }
    let mut runs = Runs::new(place.body, Content::Values)?;
    let mut items = Vec::new();
    while let Some(run) = runs.next()? {
        let mut reader = Reader::new(run.content);
        while !reader.is_empty() {
            items.push(reader.take(value::item_len(reader.rest())?)?);
        }
    }
    Ok(Some(items))
}

/// Encoded items in one buffer, in the order of a list.
#[derive(Debug, Default)]
pub(crate) struct Items {
    bytes: Vec<u8>,
    /// Where each item ends.
    ends: Vec<usize>,
}

impl Items {
    /// The encoded items of a list.
    pub(crate) fn encode<'i, T: Serialize + 'i>(items: impl Iterator<Item = &'i T>) -> Result<Items> {
        Items::gather(items, |item, out| value::encode_into(*item, out))
    }

    /// Items as this encodes them.
    pub(crate) fn gather<I>(
        items: impl Iterator<Item = I>,
        mut encode: impl FnMut(&I, &mut Vec<u8>) -> Result<()>,
    ) -> Result<Items> {
        let mut all = Items::default();
        for item in items {
            encode(&item, &mut all.bytes)?;
            all.ends.push(all.bytes.len());
        }
        Ok(all)
    }

    fn start(&self, number: usize) -> usize {
        number.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.ends.len()).map(|number| &self.bytes[self.start(number)..self.ends[number]])
    }
}

/// Writes a list: what was inserted and deleted since it was loaded.
///
/// An item that a newer program encoded more richly than this one stays while what this one reads from it is still
/// in its place: `reencode` tells.
pub(crate) fn write(
    place: &mut WritePlace<'_>,
    new: &Items,
    reencode: &dyn Fn(&[u8]) -> Result<Vec<u8>>,
    default: Option<&dyn Fn() -> Result<Items>>,
) -> Result<()> {
    let loaded = read(place.loaded())?;
    let unchanged = match (&loaded, default) {
        (Some(loaded), _) => loaded.iter().copied().eq(new.iter()),
        (None, Some(default)) => default()?.iter().eq(new.iter()),
        (None, None) => false,
    };
    if unchanged {
        return place.keep(STRUCTURE);
    }
    let loaded = loaded.unwrap_or_default();
    let new_items: Vec<Cow<'_, [u8]>> = new.iter().map(Cow::Borrowed).collect();
    // Only what differs as it is stored is read as the writer's type reads it.
    let stored: Vec<Cow<'_, [u8]>> = loaded.iter().map(|item| Cow::Borrowed(*item)).collect();
    let (start, (old_end, _)) = super::diff::trim(&stored, &new_items);
    let poorer = |(number, item): (usize, Cow<'_, [u8]>)| match start <= number && number < old_end {
        true => reencode(&item).map(Cow::Owned),
        false => Ok(Cow::Owned(item.into_owned())),
    };
    let old: Vec<Cow<'_, [u8]>> = stored.into_iter().enumerate().map(poorer).collect::<Result<_>>()?;
    let mut splices = Vec::new();
    for hunk in hunks(&old, &new_items) {
        for item in &new_items[hunk.new.clone()] {
            // What its own type could not read back is not written.
            reencode(item)?;
        }
        splices.push(Splice {
            at: hunk.old.start,
            deleted: hunk.old.len(),
            inserted: count(hunk.new.len())?,
            content: &new.bytes[new.start(hunk.new.start)..new.start(hunk.new.end)],
        });
    }
    if splices.is_empty() && !place.base.is_empty() {
        return place.keep(STRUCTURE);
    }
    let deletes = splices.iter().any(|splice| splice.deleted > 0);
    sequence::write(place, Content::Values, &splices, deletes || new.ends.is_empty())
}
