//! The fields of a drone that is nested in another: which are written, and where.

use super::place::Spot;
use super::{Content, GROUP, Write, find, no_attribute};
use crate::bytes::put_slice;
use crate::causal::Form;
use crate::causal::form::code;
use crate::causal::place::Fields;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{Schema, SchemaAttribute, forms};
use crate::strategy::WritePlace;
use crate::strategy::location::{self, Placing};
use crate::value::Value;
use std::collections::BTreeMap;

/// The attributes to write, in the order in which they are stored.
pub(super) fn plan<'s>(
    schema: &'s Schema,
    kind: &'s str,
    attributes: &'s [SchemaAttribute],
    value: &dyn Fn(&str) -> Option<&'s Value>,
) -> Result<Vec<Write<'s>>> {
    let mut writes = Vec::new();
    let mut members = Vec::new();
    for attribute in attributes {
        let Some(value) = value(&attribute.name) else { continue };
        refuse_code(kind, attribute)?;
        check_links(attribute, value)?;
        let form = forms::parse(&attribute.strategy)?;
        if form == GROUP {
            attribute
                .ty()
                .check(value)
                .map_err(|error| error.at(format_args!("attribute `{}`", attribute.name)))?;
            members.push((attribute, value));
            continue;
        }
        let content = Content::Value(Spot { schema, attribute, below_key: false }, value);
        writes.push(Write { name: &attribute.name, form, content });
    }
    if !members.is_empty() {
        writes.push(Write { name: "", form: GROUP.to_vec(), content: Content::Members(members) });
    }
    writes.sort_by(|one, other| one.head().cmp(&other.head()));
    Ok(writes)
}

/// Refuses what takes the program to write.
fn refuse_code(kind: &str, attribute: &SchemaAttribute) -> Result<()> {
    let why = if let Some(convert) = &attribute.convert {
        format!("goes through the program's conversion `{convert}`")
    } else if attribute.strategy.contains("with = ") {
        format!("has a strategy of the program's own, `{}`", attribute.strategy)
    } else {
        return Ok(());
    };
    let message = format!("attribute `{}` of `{kind}` {why}: only the program can write it", attribute.name);
    Err(Error::new(ErrorKind::Unsupported, message))
}

/// Refuses links that do not lead to an object of the kind that they are to.
fn check_links(attribute: &SchemaAttribute, value: &Value) -> Result<()> {
    let Some(kind) = &attribute.link else { return Ok(()) };
    match value {
        Value::Text(text) => {
            let key: crate::Key = text.parse()?;
            if key.field().as_deref() != Some(kind) {
                let name = &attribute.name;
                let message =
                    format!("`{name}` links to `{key}`, which is no key of a `{kind}`: write `{kind}:…`");
                return Err(Error::new(ErrorKind::Invalid, message));
            }
            Ok(())
        }
        Value::List(values) => values.iter().try_for_each(|value| check_links(attribute, value)),
        Value::Map(entries) => entries.values().try_for_each(|value| check_links(attribute, value)),
        _ => Ok(()),
    }
}

/// How a drone stands in what holds it.
#[derive(Clone, Copy)]
pub(super) enum Standing<'p> {
    /// In an attribute.
    Field,
    /// Under a new key: there even where each of its fields is at its default, by a dot of its own.
    NewKey,
    /// In a list, here.
    Item(Placing<'p>),
}

/// What one field of the drone is written as.
enum Step<'s> {
    Write(&'s Write<'s>),
    /// Where the item stands.
    Place(Placing<'s>),
    /// As the head has it.
    Keep,
}

/// Writes the fields of a drone that are in `value` and differ from what was loaded; keeps the others.
pub(super) fn write(
    place: &mut WritePlace<'_>,
    spot: Spot<'_>,
    value: &BTreeMap<Value, Value>,
    standing: Standing<'_>,
) -> Result<()> {
    let (schema, kind, attributes) = (spot.schema, spot.drone_kind()?, spot.drone()?);
    let is_item = matches!(standing, Standing::Item(_));
    refuse_unknown(place, kind, attributes, value)?;
    // A group of `latest_object` reads as one field without a name.
    let group = value.get(&Value::from("")).and_then(Value::as_map);
    let given = |name: &str| {
        let name = Value::from(name);
        value.get(&name).or_else(|| group?.get(&name)).filter(|value| !is_unread(attributes, &name, value))
    };
    let written: Vec<Write<'_>> = plan(schema, kind, attributes, &|name| {
        // The id of an item is its key, and is not stored again.
        let is_id = is_item && attributes.iter().any(|attribute| attribute.id && attribute.name == name);
        given(name).filter(|_| !is_id)
    })?;
    let heads = fields(place.head)?;
    let on_base = std::ptr::eq(place.base, place.head);
    let bases = if on_base { Vec::new() } else { fields(place.base)? };

    let mut steps: BTreeMap<(&str, &[u8]), Step<'_>> =
        heads.iter().map(|(head, _)| (*head, Step::Keep)).collect();
    steps.extend(written.iter().map(|write| (write.head(), Step::Write(write))));
    if let Standing::Item(placing) = standing {
        steps.insert(("", &[code::LOCATION]), Step::Place(placing));
    }
    let start = place.pen.out.len();
    let own = if place.head.is_empty() { &[][..] } else { Fields::new(place.head)?.own };
    let any = match standing {
        Standing::NewKey => place.put_dots(own, true)?,
        _ => place.pen.copy_dots(own)?,
    };
    let first = place.pen.out.len();
    let scene = place.scene;
    scene.base.deeper(|| {
        for ((name, form), step) in &steps {
            let head = find(&heads, (name, form));
            let base = if on_base { head } else { find(&bases, (name, form)) };
            let at = place.pen.out.len();
            put_slice(&mut place.pen.out, name.as_bytes());
            place.pen.out.extend_from_slice(form);
            let size = place.below(base, head).sized(|place| match step {
                Step::Write(write) => write.write(place),
                Step::Place(placing) => location::write(place, *placing),
                Step::Keep => place.keep(Form::trusted(form).structure()),
            })?;
            if size == 0 {
                place.pen.truncate(at);
            }
        }
        Ok(())
    })?;
    if !any && place.pen.out.len() == first {
        place.pen.truncate(start);
    }
    Ok(())
}

/// The bodies of a nested drone's fields.
fn fields(body: &[u8]) -> Result<Vec<super::Body<'_>>> {
    let mut bodies = Vec::new();
    if !body.is_empty() {
        let mut fields = Fields::new(body)?;
        while let Some(field) = fields.next()? {
            bodies.push(((field.name, field.form.as_bytes()), field.body));
        }
    }
    Ok(bodies)
}

/// Whether a null stands for what could not be read, because its strategy is the program's own.
fn is_unread(attributes: &[SchemaAttribute], name: &Value, value: &Value) -> bool {
    let custom = |attribute: &SchemaAttribute| {
        Some(attribute.name.as_str()) == name.as_text() && attribute.strategy.contains("with = ")
    };
    value.is_null() && attributes.iter().any(custom)
}

/// Refuses names that are neither fields of the drone nor stand there already, and fields that stand there twice.
fn refuse_unknown(
    place: &WritePlace<'_>,
    kind: &str,
    attributes: &[SchemaAttribute],
    value: &BTreeMap<Value, Value>,
) -> Result<()> {
    let loaded = fields(place.base)?;
    for name in value.keys() {
        let name = name.as_text().unwrap_or_default();
        let stored = loaded.iter().filter(|((stored, _), _)| *stored == name);
        let is_known = attributes.iter().any(|attribute| attribute.name == name);
        match stored.count() {
            0 if !is_known && !name.is_empty() && !name.contains(' ') => {
                return Err(no_attribute(kind, attributes, name));
            }
            2.. if is_known && !name.is_empty() => {
                let message = format!(
                    "`{name}` of `{kind}` is stored under two strategies: only the program can write it"
                );
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
            _ => {}
        }
    }
    Ok(())
}
