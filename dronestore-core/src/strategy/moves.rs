//! `list(moves)`: item by item; an item that is moved on two sides is there once.
//!
//! | met | reads as |
//! |---|---|
//! | one item moved on both sides | once, where the newer move put it |
//! | an item moved here and concurrently removed there | there, where it was moved to |
//! | one item added on both sides | once, where the newer one put it |
//! | items inserted at one place | those of the one, then those of the other |
//!
//! Stored: item → dot → position; an item is there while a position of it stands. Equal items are told apart by their
//! numbers, from 0. Not for items that are edited: use `list(nested)`.

use super::list::Items;
use super::location::{self, Placing};
use super::order::{Arranged, Known, arrange};
use super::{ReadPlace, WritePlace, diff};
use crate::causal::Structure;
use crate::causal::form::Child;
use crate::causal::place::{Item, Values};
use crate::error::{Error, ErrorKind, Result};
use crate::value;
use std::borrow::Cow;
use std::collections::HashSet;

const STRUCTURE: Structure<'static> = Structure::Map(Child::Values);

/// One item of a list, where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing<'a> {
    /// The encoded item.
    pub(crate) item: &'a [u8],
    /// The item and its number, as stored.
    pub(crate) key: &'a [u8],
    /// Where it stands.
    pub(crate) body: &'a [u8],
    /// None of one that another program has written otherwise than this one; it stands at the end.
    position: Option<&'a [u8]>,
}

/// The items, in order; `None` where nothing was written.
pub(crate) fn read(place: ReadPlace<'_>) -> Result<Option<Vec<Standing<'_>>>> {
    if place.is_empty() {
        return Ok(None);
    }
    let mut items = place.items(Child::Values)?;
    let mut standing = Vec::new();
    while let Some(Item { key, body, .. }) = items.next()? {
        let below = place.below(body);
        if !below.is_empty() {
            standing.push(Standing { item: item_of(key)?, key, body, position: location::read(below)? });
        }
    }
    standing.sort_by_key(|item| (item.position.is_none(), item.position));
    Ok(Some(standing))
}

/// The item in a key of item and number.
pub(crate) fn item_of(key: &[u8]) -> Result<&[u8]> {
    let unfit =
        || Error::new(ErrorKind::InvalidValue, "a list that moves has a key that is no item and number");
    let (0x82, parts) = key.split_first().ok_or_else(unfit)? else { return Err(unfit()) };
    let (item, number) = parts.split_at(value::item_len(parts)?);
    // A number from 0 is of major type 0.
    if number.first().is_some_and(|head| *head < 0x20) { Ok(item) } else { Err(unfit()) }
}

fn key_of(item: &[u8], number: u64) -> Result<Vec<u8>> {
    let mut key = Vec::with_capacity(item.len() + 2);
    key.push(0x82);
    key.extend_from_slice(item);
    value::encode_into(&number, &mut key)?;
    Ok(key)
}

/// Writes a list: what came, went and moved since it was loaded.
///
/// An item that a newer program encoded more richly than this one is the one that this one reads from it: `reencode`
/// tells.
pub(crate) fn write(
    place: &mut WritePlace<'_>,
    new: &Items,
    reencode: &dyn Fn(&[u8]) -> Result<Vec<u8>>,
    default: Option<&dyn Fn() -> Result<Items>>,
) -> Result<()> {
    let loaded = read(place.loaded())?;
    let unchanged = match (&loaded, default) {
        (Some(loaded), _) => loaded.iter().map(|standing| standing.item).eq(new.iter()),
        (None, Some(default)) => default()?.iter().eq(new.iter()),
        (None, None) => false,
    };
    if unchanged {
        return place.keep(STRUCTURE);
    }
    let items: Vec<Cow<'_, [u8]>> = new.iter().map(Cow::Borrowed).collect();
    let known = known(&loaded.unwrap_or_default(), &items, reencode)?;
    let unseen = unseen(place)?;
    let arranged = arrange(&known, &items, &unseen, place.scene.line)?;
    for item in items.iter().zip(&arranged.known).filter(|(_, known)| known.is_none()).map(|(item, _)| item) {
        // What its own type could not read back is not written.
        reencode(item)?;
    }
    let edits = edits(&known, &items, &arranged)?;
    if edits.is_empty() && !place.base.is_empty() {
        return place.keep(STRUCTURE);
    }
    let removes = edits.iter().any(|(_, position)| position.is_none());
    write_edits(place, &edits, removes || items.is_empty())
}

fn known<'a>(
    loaded: &[Standing<'a>],
    items: &[Cow<'_, [u8]>],
    reencode: &dyn Fn(&[u8]) -> Result<Vec<u8>>,
) -> Result<Vec<Known<'a>>> {
    // Only what differs as it is stored is read as the writer's type reads it.
    let stored: Vec<&[u8]> = loaded.iter().map(|standing| standing.item).collect();
    let (start, (end, _)) = diff::trim(&stored, &items.iter().map(|item| &**item).collect::<Vec<_>>());
    let each = |(number, standing): (usize, &Standing<'a>)| {
        let name = match (start..end).contains(&number) {
            true => Cow::Owned(reencode(standing.item)?),
            false => Cow::Borrowed(standing.item),
        };
        Ok(Known { key: standing.key, name, position: standing.position })
    };
    loaded.iter().enumerate().map(each).collect()
}

/// The positions in the head that the writer does not know of, ascending.
fn unseen<'p>(place: &WritePlace<'p>) -> Result<Vec<&'p [u8]>> {
    let mut unseen = Vec::new();
    if place.scene.seen.is_none() {
        return Ok(unseen);
    }
    let mut items = crate::causal::place::Items::new(place.head, false)?;
    while let Some(item) = items.next()? {
        unseen_in(place, item.body, &mut unseen)?;
    }
    unseen.sort_unstable();
    Ok(unseen)
}

/// Adds the positions in one location that the writer does not know of.
pub(crate) fn unseen_in<'p>(place: &WritePlace<'p>, body: &'p [u8], to: &mut Vec<&'p [u8]>) -> Result<()> {
    let mut values = Values::new(body);
    while let Some(entry) = values.next()? {
        if !place.scene.has_seen(entry.row)
            && let Some((position, _)) = location::parse(entry.value)
        {
            to.push(position);
        }
    }
    Ok(())
}

/// What is written of each item that came, moved, or went (and has no position then), in the order of the keys.
type Edits<'e> = Vec<(Cow<'e, [u8]>, Option<&'e [u8]>)>;

fn edits<'e>(known: &[Known<'e>], items: &'e [Cow<'_, [u8]>], arranged: &'e Arranged) -> Result<Edits<'e>> {
    let mut edits: Edits<'_> =
        arranged.gone(known.len()).map(|gone| (known[gone].key.into(), None)).collect();
    let kept = arranged.known.iter().flatten().map(|known_as| Cow::Borrowed(known[*known_as].key));
    let mut taken: HashSet<Cow<'_, [u8]>> = kept.collect();
    let mut numbers: std::collections::HashMap<&[u8], u64> = std::collections::HashMap::new();
    for (number, item) in items.iter().enumerate() {
        let Some(position) = &arranged.positions[number] else { continue };
        let key = match arranged.known[number] {
            Some(known_as) => Cow::Borrowed(known[known_as].key),
            None => loop {
                // The least number that is free: an item that both sides add is one.
                let next = numbers.entry(item).or_default();
                let key = Cow::Owned(key_of(item, *next)?);
                *next += 1;
                if taken.insert(Cow::clone(&key)) {
                    break key;
                }
            },
        };
        edits.push((key, Some(position.as_slice())));
    }
    edits.sort_unstable();
    // What went and came again under its number is not gone.
    edits.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            earlier.1 = later.1;
        }
        same
    });
    Ok(edits)
}

/// Walks the head's items and the edits side by side.
fn write_edits(place: &mut WritePlace<'_>, edits: &Edits<'_>, dot: bool) -> Result<()> {
    let mut items = ReadPlace { body: place.head, table: &place.scene.base }.items(Child::Values)?;
    let loaded = place.loaded();
    let mut base = loaded.items(Child::Values)?;
    // As in a set: concurrent removals may leave nothing together, and the list is to be empty then, not unwritten.
    place.put_dots(items.own, dot)?;
    let mut edits = edits.iter().peekable();
    let (mut item, mut known) = (items.next()?, base.next()?);
    loop {
        let next = item.map(|item| item.key);
        let Some((key, position)) = edits.next_if(|(key, _)| next.is_none_or(|next| **key <= *next)) else {
            let Some(kept) = item else { return Ok(()) };
            place.pen.copy_item(Child::Values, &kept)?;
            item = items.next()?;
            continue;
        };
        while known.is_some_and(|known| *known.key < **key) {
            known = base.next()?;
        }
        let same = item.filter(|item| *item.key == **key);
        let seen = known.filter(|known| *known.key == **key).map_or(&[][..], |known| known.body);
        write_item(place, key, *position, seen, &same.unwrap_or(Item::ABSENT))?;
        if same.is_some() {
            item = items.next()?;
        }
    }
}

fn write_item(
    place: &mut WritePlace<'_>,
    key: &[u8],
    position: Option<&[u8]>,
    base: &[u8],
    item: &Item<'_>,
) -> Result<()> {
    let Some(position) = position else {
        return place.pen.copy_unseen(place.scene, Child::Values, item);
    };
    place.pen.out.extend_from_slice(key);
    // Of dots there are none: where the item stands says that it is there.
    place.pen.out.push(0);
    place.below(base, item.body).sized(|place| location::write(place, Placing::At(position))).map(|_| ())
}
