//! Writing by a schema: what a program with the Rust types would have written, byte for byte.
//!
//! Whoever has read an object by its schema and changed values of attributes commits them here. Each strategy's own
//! rule writes, over [`Value`](crate::Value)s in place of Rust types. What takes the program is refused: a strategy
//! of its own, a conversion, a default that is more than a literal where it would count.

mod drone;
mod place;

use super::{Schema, SchemaAttribute, no_attribute};
use crate::causal::Form;
use crate::causal::form::code;
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::model::Loaded;
use crate::strategy::{Rulings, WritePlace};
use crate::value::Value;
use crate::version::{Author, Commit, Draft, Target, Version, Wrote};
use std::collections::BTreeMap;

/// What a commit by a schema came to.
#[derive(Debug, Clone)]
pub struct Written {
    /// The new version.
    pub version: Version,
    /// The act itself.
    pub commit: Commit,
    /// The stored names of the attributes that it wrote; the `latest_object` group has none.
    pub changed: Vec<String>,
}

/// Values of attributes by their stored names, as [`Schema::value_of`] reads them: a set is a list, a nested drone a
/// map of its fields.
pub type Values = BTreeMap<String, Value>;

impl Schema {
    /// Commits these values of attributes, where they differ from what `base` reads as, onto `head`; attributes that
    /// are not among them stay. The bytes are those that a program with the Rust types would have written.
    ///
    /// `head` must have seen all that `base` has. Without a base the object is created, even where nothing differs
    /// from the defaults; without a change there is no commit. `rulings` are those by which the base was read.
    ///
    /// Of what a program asks only `required` and `link` are data: `validate` and `canonicalize` are code, and do not
    /// happen.
    ///
    /// # Errors
    /// [`Mismatch`](ErrorKind::Mismatch) for versions of another key or kind, [`NotFound`](ErrorKind::NotFound) for a
    /// name that is no attribute's, [`InvalidValue`](ErrorKind::InvalidValue) for a value that is not of the
    /// attribute's type, [`Invalid`](ErrorKind::Invalid) naming required attributes that are empty,
    /// [`Refused`](ErrorKind::Refused) where a strategy forbids the change, [`Unsupported`](ErrorKind::Unsupported)
    /// where only the program can write the attribute.
    ///
    /// Cost: decodes and encodes the attributes that are given, copies the others, hashes twice.
    pub fn commit(
        &self,
        key: &Key,
        values: &Values,
        (base, rulings): (Option<&Version>, Option<&Rulings>),
        head: Option<&Version>,
        author: &mut Author<'_>,
    ) -> Result<Loaded<Written>> {
        for version in [base, head].into_iter().flatten() {
            if version.kind() != self.kind || version.key() != key {
                let message = format!("{version} is not a version of `{key}` of kind `{}`", self.kind);
                return Err(Error::new(ErrorKind::Mismatch, message));
            }
        }
        let at = |error: Error| error.at(key);
        let writes = drone::plan(self, &self.kind, &self.attributes, &|name| values.get(name)).map_err(at)?;
        self.refuse_unknown(values).map_err(at)?;
        self.require(values, base).map_err(at)?;
        let clock = author.clock.clone();
        let mut draft = Draft::new(&Target { base, head, rulings }, &self.kind, author)?;
        write_all(&mut draft, &writes, base, head).map_err(at)?;
        let notes = std::mem::take(&mut draft.pen.notes);
        let stale = !draft.pen.reads_as_written;
        if !draft.pen.changed && base.is_some() {
            // Nothing happened, so no time has passed either.
            *author.clock = clock;
            return Ok(Loaded { result: None, notes, stale });
        }
        let changed = draft.wrote.iter().map(|wrote| wrote.name.clone()).collect();
        let (version, commit) = draft.finish(key, false)?;
        Ok(Loaded { result: Some(Written { version, commit, changed }), notes, stale })
    }

    fn refuse_unknown(&self, values: &Values) -> Result<()> {
        let known = |name: &str| self.attributes.iter().any(|attribute| attribute.name == name);
        match values.keys().find(|name| !known(name)) {
            Some(name) => Err(no_attribute(&self.kind, &self.attributes, name)),
            None => Ok(()),
        }
    }

    /// Refuses required attributes that are empty, but for those that were so and are not written.
    fn require(&self, values: &Values, base: Option<&Version>) -> Result<()> {
        let mut empty = Vec::new();
        for attribute in self.attributes.iter().filter(|attribute| attribute.required) {
            let value = match (values.get(&attribute.name), base) {
                (Some(value), _) => Some(value.clone()),
                // What a merge made empty stands in nobody's way who writes elsewhere.
                (None, Some(_)) => continue,
                (None, None) => attribute.default_value(),
            };
            if value.as_ref().is_some_and(is_empty) {
                empty.push(format!("`{}` is required and empty", attribute.name));
            }
        }
        match empty.is_empty() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Invalid, format!("not valid: {}", empty.join("; ")))),
        }
    }
}

/// Null, an empty text, empty bytes.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        _ => false,
    }
}

/// One attribute to write, by its stored name and form.
struct Write<'s> {
    name: &'s str,
    form: Vec<u8>,
    content: Content<'s>,
}

/// What is to stand in an attribute.
enum Content<'s> {
    /// This value.
    Value(place::Spot<'s>, &'s Value),
    /// These members of a `latest_object`.
    Members(Vec<(&'s SchemaAttribute, &'s Value)>),
}

impl Write<'_> {
    fn head(&self) -> (&str, &[u8]) {
        (self.name, &self.form)
    }

    fn write(&self, place: &mut WritePlace<'_>) -> Result<()> {
        let written = match &self.content {
            Content::Value(spot, value) => {
                let ty = spot.attribute.ty();
                ty.check(value)
                    .and_then(|()| place::write(place, Form::trusted(&self.form), &ty, *spot, value))
            }
            Content::Members(members) => place::members(place, members),
        };
        written.map_err(|error| match self.name {
            "" => error,
            name => error.at(format_args!("attribute `{name}`")),
        })
    }
}

/// A body among the attributes of a version.
type Body<'v> = ((&'v str, &'v [u8]), &'v [u8]);

fn bodies<'v>(version: Option<&'v Version>, attributes: &'v [u8]) -> Result<Vec<Body<'v>>> {
    let mut bodies = Vec::new();
    if let Some(version) = version.filter(|_| !attributes.is_empty()) {
        let mut fields = version.shape().fields(attributes);
        while let Some(field) = fields.next()? {
            bodies.push(((field.name, field.form.as_bytes()), field.body));
        }
    }
    Ok(bodies)
}

fn find<'v>(bodies: &[Body<'v>], head: (&str, &[u8])) -> &'v [u8] {
    let found = bodies.binary_search_by(|(known, _)| (*known).cmp(&head));
    found.map_or(&[], |index| bodies[index].1)
}

/// Writes the attributes of a version: those that are to be written, and the others as the head has them.
fn write_all<'v>(
    draft: &mut Draft<'v>,
    writes: &[Write<'_>],
    base: Option<&'v Version>,
    head: Option<&'v Version>,
) -> Result<()> {
    // Where the head is what was loaded both are one state, and equal pointers say so.
    let on_base = draft.on_base;
    let heads = bodies(if on_base { base } else { head }, draft.head_attributes)?;
    let bases = if on_base { Vec::new() } else { bodies(base, draft.base_attributes)? };
    let mut kept = heads.iter().peekable();
    for write in writes {
        while let Some((head, body)) = kept.next_if(|(head, _)| *head < write.head()) {
            keep(draft, *head, body)?;
        }
        let head = kept.next_if(|(head, _)| *head == write.head()).map_or(&[][..], |(_, body)| *body);
        let base = if on_base { head } else { find(&bases, write.head()) };
        let changed = std::mem::replace(&mut draft.pen.changed, false);
        let (start, notes) = (draft.pen.out.len(), draft.pen.notes.len());
        let mut place = WritePlace { scene: &draft.scene, base, head, pen: &mut draft.pen };
        let size = place.sized(|place| write.write(place))?;
        for note in &mut draft.pen.notes[notes..] {
            *note = format!("`{}`: {note}", write.name);
        }
        match size {
            0 => draft.pen.truncate(start),
            _ => draft.shape.push(write.name, &write.form),
        }
        if draft.pen.changed {
            let end = draft.pen.out.len();
            let (name, form) = (write.name.to_owned(), write.form.clone());
            draft.wrote.push(Wrote { name, form, body: end - size..end });
        }
        draft.pen.changed |= changed;
    }
    kept.try_for_each(|(head, body)| keep(draft, *head, body))
}

fn keep(draft: &mut Draft<'_>, (name, form): (&str, &[u8]), body: &[u8]) -> Result<()> {
    draft.shape.push(name, form);
    let begun = draft.pen.begin_sized();
    draft.pen.copy(Form::trusted(form).structure(), body)?;
    draft.pen.end_sized(&begun);
    Ok(())
}

/// The form of the group of all `latest_object` attributes.
const GROUP: &[u8] = &[code::LATEST_OBJECT];
