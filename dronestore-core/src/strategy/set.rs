//! `set`: element by element, add wins; `remove_wins`, `latest`, `once`.

use super::flag::{FALSE, TRUE};
use super::keys::{Difference, Keys};
use super::{Codec, ReadPlace, Replaces, WritePlace, newest, refused};
use crate::causal::Structure;
use crate::causal::form::Child;
use crate::causal::place::{Item, Items, Values};
use crate::error::Result;
use crate::value;
use serde::de::DeserializeOwned;

/// Whether an element is to be in the set or out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// In.
    In,
    /// Out.
    Out,
}

/// What makes one kind of set different from another.
pub trait Rule {
    /// Whether an element holds votes (dot → in or out) rather than dots alone.
    const VOTES: bool;

    /// Whether the element is in the set; `votes` is the place where its votes stand.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) on bytes that are no votes.
    fn contains(item: &Item<'_>, votes: ReadPlace<'_>) -> Result<bool>;

    /// Whether a commit may do this to an element that stands in the head like that.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused).
    fn allows(membership: Membership, item: &Item<'_>) -> Result<()> {
        let _ = (membership, item);
        Ok(())
    }
}

/// Add wins over a concurrent remove (the optimised OR-set of Bieniusa et al., 2012).
///
/// | met | reads as |
/// |---|---|
/// | added here, concurrently removed there | in: the add was not seen by the remove |
/// | removed by someone who has seen the add | out |
/// | different elements added | both in |
///
/// Stored: element → the dots of its adds; a removed element leaves nothing behind. Not where a removal must
/// not be undone by an older copy's edit: use `set(remove_wins)` or `set(once)`.
#[derive(Debug, Clone, Copy)]
pub struct AddWins;

/// Remove wins over a concurrent add. A removed element keeps its minus: growth.
#[derive(Debug, Clone, Copy)]
pub struct RemoveWins;

/// Per element the newest add or remove counts. A removed element keeps its minus: growth.
#[derive(Debug, Clone, Copy)]
pub struct Newest;

/// Two-phase: what was removed once stays removed, and adding it again is an error at commit.
#[derive(Debug, Clone, Copy)]
pub struct Once;

impl Rule for AddWins {
    const VOTES: bool = false;

    fn contains(item: &Item<'_>, _: ReadPlace<'_>) -> Result<bool> {
        Ok(item.is_present())
    }
}

impl Rule for RemoveWins {
    const VOTES: bool = true;

    fn contains(item: &Item<'_>, _: ReadPlace<'_>) -> Result<bool> {
        let mut votes = Values::new(item.body);
        let mut any = false;
        while let Some(vote) = votes.next()? {
            if vote.value != TRUE {
                return Ok(false);
            }
            any = true;
        }
        Ok(any)
    }
}

impl Rule for Newest {
    const VOTES: bool = true;

    fn contains(_: &Item<'_>, votes: ReadPlace<'_>) -> Result<bool> {
        if let Some(vote) = votes.single()? {
            return Ok(vote == TRUE);
        }
        Ok(!votes.is_empty() && newest(&votes.entries()?)?.value == TRUE)
    }
}

impl Rule for Once {
    const VOTES: bool = true;

    fn contains(item: &Item<'_>, votes: ReadPlace<'_>) -> Result<bool> {
        RemoveWins::contains(item, votes)
    }

    fn allows(membership: Membership, item: &Item<'_>) -> Result<()> {
        let mut votes = Values::new(item.body);
        while let Some(vote) = votes.next()? {
            if membership == Membership::In && vote.value != TRUE {
                return Err(refused("`set(once)` never takes back an element that was removed; use `set`"));
            }
        }
        Ok(())
    }
}

/// What stands behind the elements of such a set.
pub(crate) fn child<R: Rule>() -> Child<'static> {
    if R::VOTES { Child::Values } else { Child::Unit }
}

/// The encoded elements that are in the set, in the order of their bytes.
pub(crate) fn elements<'a, R: Rule>(place: ReadPlace<'a>) -> Result<Vec<&'a [u8]>> {
    let mut items = place.items(child::<R>())?;
    let mut elements = Vec::new();
    while let Some(element) = next_in::<R>(place, &mut items)? {
        elements.push(element);
    }
    Ok(elements)
}

/// The next element that is in the set.
fn next_in<'a, R: Rule>(place: ReadPlace<'a>, items: &mut Items<'a>) -> Result<Option<&'a [u8]>> {
    while let Some(item) = items.next()? {
        if R::contains(&item, place.below(item.body))? {
            return Ok(Some(item.key));
        }
    }
    Ok(None)
}

/// The next element that is in the set, decoded.
#[inline]
pub(crate) fn next_element<'a, R: Rule, T: DeserializeOwned>(
    place: ReadPlace<'a>,
    items: &mut Items<'a>,
) -> Option<Result<T>> {
    if items.is_empty() {
        return None;
    }
    // An element decoded where it stands need not be measured first. What is not as usual goes the long way.
    if !R::VOTES
        && let Ok((element, length)) = value::decode_first(items.rest(), place.table.texts)
        && let Some(item) = items.next_leaf(length)
    {
        match R::contains(&item, place.below(item.body)) {
            Ok(true) => return Some(Ok(element)),
            Ok(false) => {}
            Err(error) => return Some(Err(error)),
        }
    }
    next_measured::<R, T>(place, items).transpose()
}

#[inline(never)]
fn next_measured<'a, R: Rule, T: DeserializeOwned>(
    place: ReadPlace<'a>,
    items: &mut Items<'a>,
) -> Result<Option<T>> {
    next_in::<R>(place, items)?.map(value::decode).transpose()
}

/// Writes a set: for each element that came or went since it was loaded, what its rule says.
pub(crate) fn write<R: Rule>(
    place: &mut WritePlace<'_>,
    new: &Keys,
    codec: Codec,
    default: Option<&dyn Fn() -> Result<Keys>>,
    shown: &dyn Fn() -> Result<Keys>,
) -> Result<()> {
    let structure = Structure::Map(child::<R>());
    let mut given = Keys::default();
    if let Some(default) = default.filter(|_| place.base.is_empty()) {
        given = default()?;
        if given.is_same_as(new) {
            return place.keep(structure);
        }
    }
    if is_unchanged::<R>(place.loaded(), new)? {
        return place.keep(structure);
    }
    if place.base.is_empty() && place.head.is_empty() && given.len() == 0 {
        new.iter().try_for_each(|(key, _)| codec.check(key))?;
        return write_all::<R>(place, new);
    }
    let loaded = elements::<R>(place.loaded())?;
    let mut difference = Difference::between(&loaded, new, codec, shown)?;
    if difference.is_empty() && !place.base.is_empty() {
        return place.keep(structure);
    }
    if R::VOTES {
        // What stood in the default alone is voted out too, or a concurrent first write would bring it back.
        difference.removed.extend(given.iter().map(|(key, _)| key).filter(|key| new.find(key).is_none()));
    }
    let added = difference.added.iter().map(|(key, _)| (*key, Membership::In));
    let removed = difference.removed.iter().map(|key| (*key, Membership::Out));
    let mut edits: Vec<_> = added.chain(removed).collect();
    edits.sort_unstable_by_key(|(key, _)| *key);
    let leaves_nothing = new.len() == 0 || !R::VOTES && !difference.removed.is_empty();
    write_edits::<R>(place, &edits, leaves_nothing)
}

/// Whether a set that was loaded holds just these elements, in just this encoding: the usual case.
fn is_unchanged<R: Rule>(loaded: ReadPlace<'_>, new: &Keys) -> Result<bool> {
    let mut items = loaded.items(child::<R>())?;
    let mut keys = new.iter();
    while let Some(item) = items.next()? {
        if R::contains(&item, loaded.below(item.body))? && keys.next().is_none_or(|(key, _)| key != item.key)
        {
            return Ok(false);
        }
    }
    Ok(!loaded.is_empty() && keys.next().is_none())
}

/// Writes a set where nothing stands yet.
fn write_all<R: Rule>(place: &mut WritePlace<'_>, new: &Keys) -> Result<()> {
    place.put_dots(&[], new.len() == 0)?;
    new.iter().try_for_each(|(key, _)| write_edit::<R>(place, key, Membership::In, &Item::ABSENT))
}

/// Walks the head's items and the edits side by side.
fn write_edits<R: Rule>(place: &mut WritePlace<'_>, edits: &[(&[u8], Membership)], dot: bool) -> Result<()> {
    let mut items = ReadPlace { body: place.head, table: &place.scene.base }.items(child::<R>())?;
    // A commit that may leave nothing here, by itself or together with a concurrent one, says by a dot of the
    // set's own that the set was written, or an empty set would read as its default again.
    place.put_dots(items.own, dot)?;
    let mut edits = edits.iter().peekable();
    let mut item = items.next()?;
    loop {
        let next = item.map(|item| item.key);
        match edits.next_if(|(key, _)| next.is_none_or(|next| *key <= next)) {
            Some((key, membership)) => {
                let same = item.filter(|item| item.key == *key);
                write_edit::<R>(place, key, *membership, &same.unwrap_or(Item::ABSENT))?;
                if same.is_some() {
                    item = items.next()?;
                }
            }
            None => {
                let Some(kept) = item else { return Ok(()) };
                place.pen.copy_item(child::<R>(), &kept)?;
                item = items.next()?;
            }
        }
    }
}

fn write_edit<R: Rule>(
    place: &mut WritePlace<'_>,
    key: &[u8],
    membership: Membership,
    item: &Item<'_>,
) -> Result<()> {
    R::allows(membership, item)?;
    let start = place.pen.out.len();
    place.pen.out.extend_from_slice(key);
    if R::VOTES {
        place.pen.out.push(0);
        let vote = if membership == Membership::In { TRUE } else { FALSE };
        let mut votes = place.below(&[], item.body);
        return votes.sized(|votes| votes.put(vote, Replaces::Seen)).map(|_| ());
    }
    if !place.put_dots(item.dots, membership == Membership::In)? {
        place.pen.truncate(start);
    }
    Ok(())
}
