//! `map(S)`: keys as in `set`, values by strategy `S`.

use super::keys::{Difference, Keys};
use super::{Codec, ReadPlace, WritePlace};
use crate::causal::form::Child;
use crate::causal::place::Item;
use crate::causal::{Form, Structure};
use crate::error::Result;
use std::collections::HashMap;

// Every write below a key also writes the key's presence dot, so a concurrent edit brings a removed key back
// with what it wrote (Almeida et al., 2018, section on maps).

/// The items that are in the map, in the order of their keys' bytes.
pub(crate) fn items<'a>(place: ReadPlace<'a>, form: Form<'_>) -> Result<Vec<Item<'a>>> {
    let mut items = place.items(Child::Form(form))?;
    let mut present = Vec::new();
    while let Some(item) = items.next()? {
        if item.is_present() {
            present.push(item);
        }
    }
    Ok(present)
}

/// Writes the value at a position of the collection.
type Each<'e> = &'e dyn Fn(usize, &mut WritePlace<'_>) -> Result<()>;

/// Writes a map: removed keys lose what was seen, others are written by `each`, which is given the position of
/// the value in the collection.
pub(crate) fn write(
    place: &mut WritePlace<'_>,
    form: Form<'_>,
    new: &Keys,
    codec: Codec,
    shown: &dyn Fn() -> Result<Keys>,
    is_default: &dyn Fn() -> Result<bool>,
    each: Each<'_>,
) -> Result<()> {
    let structure = Structure::Map(Child::Form(form));
    if place.loaded().is_empty() && is_default()? {
        return place.keep(structure);
    }
    let loaded = items(place.loaded(), form)?;
    let bodies: HashMap<&[u8], &[u8]> = loaded.iter().map(|item| (item.key, item.body)).collect();
    let keys: Vec<&[u8]> = loaded.iter().map(|item| item.key).collect();
    let difference = Difference::between(&keys, new, codec, shown)?;
    let mut edits: Vec<(&[u8], Edit)> = Vec::with_capacity(new.len());
    edits.extend(difference.removed.iter().map(|key| (*key, Edit::Remove)));
    edits.extend(difference.added.iter().map(|(key, position)| (*key, Edit::Add(*position))));
    edits.extend(difference.kept.iter().map(|(key, position)| (*key, Edit::Change(*position))));
    edits.sort_unstable_by_key(|(key, _)| *key);

    let before = (place.pen.out.len(), std::mem::replace(&mut place.pen.changed, false));
    let touched = !difference.is_empty() || place.loaded().is_empty();
    let mut head = ReadPlace { body: place.head, table: &place.scene.base }.items(Child::Form(form))?;
    // As in a set: concurrent removals may leave nothing together, and the map is to be empty then, not unwritten.
    place.put_dots(head.own, !difference.removed.is_empty() || new.len() == 0 && touched)?;
    place.pen.changed = touched;
    let mut edits = edits.into_iter().peekable();
    let mut item = head.next()?;
    loop {
        let next = item.map(|item| item.key);
        match edits.next_if(|(key, _)| next.is_none_or(|next| *key <= next)) {
            Some((key, edit)) => {
                let same = item.filter(|item| item.key == key);
                let base = bodies.get(key).copied().unwrap_or_default();
                write_item(place, form, key, edit, base, &same.unwrap_or(Item::ABSENT), each)?;
                if same.is_some() {
                    item = head.next()?;
                }
            }
            None => {
                let Some(kept) = item else { break };
                place.pen.copy_item(Child::Form(form), &kept)?;
                item = head.next()?;
            }
        }
    }
    let changed = place.pen.changed;
    place.pen.changed |= before.1;
    if !changed {
        // The map's own dots were written as for a change; nothing changed, so all stays as the head has it.
        place.pen.truncate(before.0);
        return place.keep(structure);
    }
    Ok(())
}

#[derive(Debug, Clone, Copy)]
enum Edit {
    Remove,
    Add(usize),
    Change(usize),
}

fn write_item(
    place: &mut WritePlace<'_>,
    form: Form<'_>,
    key: &[u8],
    edit: Edit,
    base: &[u8],
    item: &Item<'_>,
    each: Each<'_>,
) -> Result<()> {
    let (position, added) = match edit {
        Edit::Remove => {
            return place.pen.copy_unseen(place.scene, Child::Form(form), item);
        }
        Edit::Add(position) => (position, true),
        Edit::Change(position) => (position, false),
    };
    let before = (place.pen.out.len(), std::mem::replace(&mut place.pen.changed, added));
    place.pen.out.extend_from_slice(key);
    // Written as for a change, and taken back where there is none.
    let changed = place.pen.changed;
    place.put_dots(item.dots, true)?;
    place.pen.changed = changed;
    place.below(base, item.body).sized(|place| each(position, place))?;
    if !place.pen.changed {
        place.pen.truncate(before.0);
        place.pen.copy_item(Child::Form(form), item)?;
    }
    place.pen.changed |= before.1;
    Ok(())
}
