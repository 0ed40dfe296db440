//! `list(nested)`: a list of drones; each is found again by its id, and merges field by field wherever it is moved.
//!
//! | met | reads as |
//! |---|---|
//! | two fields of one item edited | both edits |
//! | one item moved on both sides | once, where the newer move put it |
//! | an item moved here and edited there | both |
//! | an item removed here and concurrently edited or moved there | there again, with what was written |
//! | one item added on both sides | once, field by field |
//!
//! Stored: id → (presence dots, the drone's fields, and before them one more without a name: where it stands). Not for
//! items without a name of their own: use `list(moves)` or `list`.

use super::list::Items;
use super::location::{self, Placing};
use super::moves::unseen_in;
use super::order::{Arranged, Known, arrange};
use super::{ReadPlace, WritePlace, map};
use crate::causal::form::{Child, code};
use crate::causal::place::{Fields, Item};
use crate::causal::{Form, Structure};
use crate::error::{Error, ErrorKind, Result};
use crate::value::Value;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// One drone of a list, where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing<'a> {
    /// Its encoded id.
    pub(crate) key: &'a [u8],
    /// Its fields, and its location.
    pub(crate) body: &'a [u8],
    /// None where a removal took it away beside an edit that wrote none; the item stands at the end.
    position: Option<&'a [u8]>,
}

/// The drones, in order.
pub(crate) fn read<'a>(place: ReadPlace<'a>, form: Form<'_>) -> Result<Vec<Standing<'a>>> {
    let mut standing = Vec::new();
    for Item { key, body, .. } in map::items(place, form)? {
        if !body.is_empty() {
            let position = location::read(place.below(location_of(body)?))?;
            standing.push(Standing { key, body, position });
        }
    }
    standing.sort_by_key(|item| (item.position.is_none(), item.position));
    Ok(standing)
}

/// The bytes of an item's location; none where it has none.
pub(crate) fn location_of(body: &[u8]) -> Result<&[u8]> {
    let mut fields = Fields::new(body)?;
    while let Some(field) = fields.next()?.filter(|field| field.name.is_empty()) {
        if field.form.code() == code::LOCATION {
            return Ok(field.body);
        }
    }
    Ok(&[])
}

/// Writes the drone of this number, and where it goes.
pub(crate) type WriteItem<'w> = dyn Fn(usize, Placing<'_>, &mut WritePlace<'_>) -> Result<()> + 'w;

/// Writes a list: items that are gone lose what was seen; the others are written by `each`, which is given the number
/// of the item and where it goes.
pub(crate) fn write(
    place: &mut WritePlace<'_>,
    form: Form<'_>,
    ids: &Items,
    reencode: &dyn Fn(&[u8]) -> Result<Vec<u8>>,
    is_default: &dyn Fn() -> Result<bool>,
    each: &WriteItem<'_>,
) -> Result<()> {
    let structure = Structure::Map(Child::Form(form));
    if place.base.is_empty() && is_default()? {
        return place.keep(structure);
    }
    let loaded = read(place.loaded(), form)?;
    let names: Vec<Cow<'_, [u8]>> = ids.iter().map(Cow::Borrowed).collect();
    let as_stored = loaded.iter().map(|standing| standing.key).eq(ids.iter());
    let known = |standing: &Standing<'_>| match as_stored {
        true => Ok(Cow::Borrowed(standing.key).into_owned()),
        false => reencode(standing.key),
    };
    let read_as = loaded.iter().map(known).collect::<Result<Vec<Vec<u8>>>>()?;
    let known = loaded.iter().zip(&read_as).map(|(standing, name)| Known {
        key: standing.key,
        name: Cow::Borrowed(name),
        position: standing.position,
    });
    let known: Vec<Known<'_>> = known.collect();
    let arranged = arrange(&known, &names, &unseen(place, form)?, place.scene.line)?;
    check_ids(&names, &arranged, reencode)?;
    let edits = edits(&known, &names, &arranged);

    let before = (place.pen.out.len(), std::mem::replace(&mut place.pen.changed, false));
    let removes = edits.iter().any(|(_, edit)| matches!(edit, Edit::Remove));
    let touched = removes || place.base.is_empty();
    let mut head = ReadPlace { body: place.head, table: &place.scene.base }.items(Child::Form(form))?;
    // As in a map: concurrent removals may leave nothing together, and the list is to be empty then, not unwritten.
    place.put_dots(head.own, removes || names.is_empty() && touched)?;
    place.pen.changed = touched;
    let bodies: HashMap<&[u8], &[u8]> = loaded.iter().map(|standing| (standing.key, standing.body)).collect();
    let mut edits = edits.into_iter().peekable();
    let mut item = head.next()?;
    loop {
        let next = item.map(|item| item.key);
        let Some((key, edit)) = edits.next_if(|(key, _)| next.is_none_or(|next| **key <= *next)) else {
            let Some(kept) = item else { break };
            place.pen.copy_item(Child::Form(form), &kept)?;
            item = head.next()?;
            continue;
        };
        let same = item.filter(|item| *item.key == *key);
        let base = bodies.get(key).copied().unwrap_or_default();
        write_item(place, form, key, edit, base, &same.unwrap_or(Item::ABSENT), each)?;
        if same.is_some() {
            item = head.next()?;
        }
    }
    let changed = place.pen.changed;
    place.pen.changed |= before.1;
    if !changed {
        // The list's own dots were written as for a change; nothing changed, so all stays as the head has it.
        place.pen.truncate(before.0);
        return place.keep(structure);
    }
    Ok(())
}

/// The positions in the head that the writer does not know of, ascending.
fn unseen<'p>(place: &WritePlace<'p>, form: Form<'_>) -> Result<Vec<&'p [u8]>> {
    let mut unseen = Vec::new();
    if place.scene.seen.is_some() {
        for item in map::items(ReadPlace { body: place.head, table: &place.scene.base }, form)? {
            unseen_in(place, location_of(item.body)?, &mut unseen)?;
        }
    }
    unseen.sort_unstable();
    Ok(unseen)
}

/// Makes sure that no two items have one id, and that ids can be read back.
fn check_ids(
    names: &[Cow<'_, [u8]>],
    arranged: &Arranged,
    reencode: &dyn Fn(&[u8]) -> Result<Vec<u8>>,
) -> Result<()> {
    let mut taken = HashSet::with_capacity(names.len());
    // Those that were loaded are there, even where this program reads two ids as one.
    let (kept, new): (Vec<usize>, Vec<usize>) =
        (0..names.len()).partition(|number| arranged.known[*number].is_some());
    taken.extend(kept.into_iter().map(|number| &names[number]));
    for number in new {
        reencode(&names[number])?;
        if !taken.insert(&names[number]) {
            return Err(twice(&names[number]));
        }
    }
    Ok(())
}

#[cold]
fn twice(id: &[u8]) -> Error {
    let id = Value::from_bytes(id).map_or_else(|_| "?".to_owned(), |id| id.to_string());
    Error::new(ErrorKind::Invalid, format!("two items have the id {id}, by which they are told apart"))
}

#[derive(Debug, Clone, Copy)]
enum Edit<'e> {
    Remove,
    /// It came or moved.
    Place(usize, &'e [u8]),
    /// It may have changed.
    Change(usize),
}

fn edits<'e>(
    known: &[Known<'e>],
    names: &'e [Cow<'_, [u8]>],
    arranged: &'e Arranged,
) -> Vec<(&'e [u8], Edit<'e>)> {
    let mut edits: Vec<(&[u8], Edit<'_>)> =
        arranged.gone(known.len()).map(|gone| (known[gone].key, Edit::Remove)).collect();
    edits.extend(names.iter().enumerate().map(|(number, name)| {
        let key = arranged.known[number].map_or(&**name, |number| known[number].key);
        match &arranged.positions[number] {
            Some(position) => (key, Edit::Place(number, position)),
            None => (key, Edit::Change(number)),
        }
    }));
    edits.sort_unstable_by_key(|(key, _)| *key);
    edits
}

fn write_item(
    place: &mut WritePlace<'_>,
    form: Form<'_>,
    key: &[u8],
    edit: Edit<'_>,
    base: &[u8],
    item: &Item<'_>,
    each: &WriteItem<'_>,
) -> Result<()> {
    let child = Child::Form(form);
    let (number, placing, placed) = match edit {
        Edit::Remove => return place.pen.copy_unseen(place.scene, child, item),
        Edit::Place(number, position) => (number, Placing::At(position), true),
        Edit::Change(number) => (number, Placing::Again, false),
    };
    let before = (place.pen.out.len(), std::mem::replace(&mut place.pen.changed, false));
    place.pen.out.extend_from_slice(key);
    // Written as for a change, and taken back where there is none.
    place.put_dots(item.dots, true)?;
    place.pen.changed = placed;
    place.below(base, item.body).sized(|place| each(number, placing, place))?;
    if !place.pen.changed {
        place.pen.truncate(before.0);
        place.pen.copy_item(child, item)?;
    }
    place.pen.changed |= before.1;
    Ok(())
}
