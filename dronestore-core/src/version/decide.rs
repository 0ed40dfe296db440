//! Deciding a conflict: one commit that puts a value in place of all sides that its author has seen.

use super::commit::{Draft, Target, Wrote};
use super::{Author, Commit, Version};
use crate::bytes::put_slice;
use crate::causal::form::{Child, code};
use crate::causal::place::{Fields, Items};
use crate::causal::{Form, Structure};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Hash;
use crate::strategy::conflict::decided;
use crate::strategy::items::location_of;
use crate::strategy::location::{self, Placing};
use crate::strategy::{Path, Replaces, Step, WritePlace};

/// Commits a decision: the encoded `value` in place of all that `base` has at this path of form `conflict`.
///
/// The entry names the conflict that it ends by its fingerprint. `head` must have seen all that `base` has; what it
/// has beyond stays beside the decision. No Rust type is needed.
///
/// # Errors
/// [`NotFound`](ErrorKind::NotFound) where the head has no such place, [`Corrupt`](ErrorKind::Corrupt) where bytes
/// are no state.
///
/// Cost: linear in the object, two hashes.
pub fn decide(
    base: &Version,
    head: &Version,
    path: &Path,
    value: &[u8],
    fingerprint: &Hash,
    author: &mut Author<'_>,
) -> Result<(Version, Commit)> {
    let steps = path.steps()?;
    let [Step::Field(name, form), rest @ ..] = steps.as_slice() else { return Err(missing(path, head)) };
    let target = Target { base: Some(base), head: Some(head), rulings: None };
    let mut draft = Draft::new(&target, head.kind(), author)?;
    let entry = decided(value, fingerprint);
    let loaded = body_of(base, draft.base_attributes, name, *form)?;
    let mut found = false;
    let mut fields = head.shape().fields(draft.head_attributes);
    while let Some(field) = fields.next()? {
        draft.shape.push(field.name, field.form.as_bytes());
        let begun = draft.pen.begin_sized();
        if (field.name, field.form) != (*name, *form) {
            draft.pen.copy(field.form.structure(), field.body)?;
            draft.pen.end_sized(&begun);
            continue;
        }
        let (scene, pen) = (&draft.scene, &mut draft.pen);
        let mut place = WritePlace { scene, base: loaded, head: field.body, pen };
        found = put(&mut place, *form, rest, &entry)?;
        let size = draft.pen.end_sized(&begun);
        let end = draft.pen.out.len();
        let (name, form) = ((*name).to_owned(), form.as_bytes().to_vec());
        draft.wrote.push(Wrote { name, form, body: end - size..end });
    }
    if !found {
        return Err(missing(path, head));
    }
    draft.finish(head.key(), false)
}

fn missing(path: &Path, head: &Version) -> Error {
    Error::new(ErrorKind::NotFound, format!("`{}` has no `conflict` at `{path}`", head.key()))
}

fn body_of<'v>(version: &'v Version, attributes: &'v [u8], name: &str, form: Form<'_>) -> Result<&'v [u8]> {
    let mut fields = version.shape().fields(attributes);
    while let Some(field) = fields.next()? {
        if (field.name, field.form) == (name, form) {
            return Ok(field.body);
        }
    }
    Ok(&[])
}

/// Writes the entry at the end of the steps; says whether there is such a place.
fn put(place: &mut WritePlace<'_>, form: Form<'_>, steps: &[Step<'_>], entry: &[u8]) -> Result<bool> {
    match (form.structure(), steps) {
        (Structure::Values, []) if form.code() == code::CONFLICT => {
            place.put(entry, Replaces::Seen)?;
            Ok(true)
        }
        (Structure::Map(Child::Form(inner)), [Step::Key(key), rest @ ..]) => {
            put_below_key(place, inner, key, rest, entry)
        }
        (Structure::Nested, [Step::Field(name, inner), rest @ ..]) => {
            put_below_field(place, (name, *inner), rest, entry)
        }
        _ => Ok(false),
    }
}

fn put_below_key(
    place: &mut WritePlace<'_>,
    form: Form<'_>,
    key: &[u8],
    rest: &[Step<'_>],
    entry: &[u8],
) -> Result<bool> {
    let child = Child::Form(form);
    let mut loaded = &[][..];
    let mut items = Items::new(place.base, false)?;
    while let Some(item) = items.next()? {
        if item.key == key {
            loaded = item.body;
        }
    }
    let mut items = Items::new(place.head, false)?;
    place.pen.copy_dots(items.own)?;
    let mut found = false;
    while let Some(item) = items.next()? {
        if item.key != key {
            place.pen.copy_item(child, &item)?;
            continue;
        }
        // As every write below a key: the key is there because of it too.
        place.pen.out.extend_from_slice(key);
        place.put_dots(item.dots, true)?;
        place.below(loaded, item.body).sized(|place| {
            found = put(place, form, rest, entry)?;
            Ok(())
        })?;
    }
    Ok(found)
}

fn put_below_field(
    place: &mut WritePlace<'_>,
    (name, form): (&str, Form<'_>),
    rest: &[Step<'_>],
    entry: &[u8],
) -> Result<bool> {
    let mut loaded = &[][..];
    let mut fields = Fields::new(place.base)?;
    while let Some(field) = fields.next()? {
        if (field.name, field.form) == (name, form) {
            loaded = field.body;
        }
    }
    let mut fields = Fields::new(place.head)?;
    place.pen.copy_dots(fields.own)?;
    let mut found = false;
    while let Some(field) = fields.next()? {
        put_slice(&mut place.pen.out, field.name.as_bytes());
        place.pen.out.extend_from_slice(field.form.as_bytes());
        let is_it = (field.name, field.form) == (name, form);
        let is_location = field.form.code() == code::LOCATION;
        let before = match (is_it, is_location) {
            (true, _) => loaded,
            (_, true) => location_of(place.base)?,
            _ => &[],
        };
        place.below(before, field.body).sized(|place| {
            if is_it {
                found = put(place, form, rest, entry)?;
                return Ok(());
            }
            // As every edit of an item of a list: it is there because of it, and where it was.
            if is_location {
                location::write(place, Placing::Again)
            } else {
                place.keep(field.form.structure())
            }
        })?;
    }
    Ok(found)
}
