//! Reading without Rust types: what the form of an attribute says is all that is needed.

use super::set::{AddWins, Newest, Once, RemoveWins, elements};
use super::union::Union;
use super::{
    Declared, ReadPlace, Register, counter, items as drones, latest_object, list as sequence, location, map,
    moves, read_register, text,
};
use super::{conflict::Conflict, first::First, flag, latest::Latest, max::Max, min::Min};
use crate::causal::form::{Child, code};
use crate::causal::join::{MAX_NESTING, too_deep};
use crate::causal::{Form, Structure};
use crate::error::{Error, ErrorKind, Result};
use crate::value::Value;
use std::collections::BTreeMap;

/// The one key of an option.
pub(crate) const NULL: &[u8] = &[0xf6];

/// What an attribute reads as, without its Rust type.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// Nothing was written: the field reads as its default, which only the schema or the program knows.
    Default,
    /// This value. A set reads as a list in the order of values.
    Value(Value),
    /// The strategy's code is not here; merging goes on without it.
    Unknown,
}

/// What is known of an attribute's reading beside its form: nothing, or what a schema says.
pub trait Guide: Copy {
    /// The declared strategy of the attribute, of its values where it is a map.
    fn declared(&self) -> Option<&Declared>;

    /// The stored name of the field that is the id of the drone that is nested in this one.
    fn id(&self) -> Option<&str> {
        None
    }

    /// What is known of an attribute of the drone that is nested in this one.
    #[must_use]
    fn below(self, name: &str, form: Form<'_>) -> Self;
}

/// Nothing is known.
impl Guide for () {
    fn declared(&self) -> Option<&Declared> {
        None
    }

    fn below(self, _: &str, _: Form<'_>) {}
}

/// Reads a place by its form.
///
/// Several concurrent writes under a declared strategy have no reading by the form alone: see [`read_guided`].
///
/// # Errors
/// [`Corrupt`](ErrorKind::Corrupt) on bytes that are no body of this form,
/// [`InvalidValue`](ErrorKind::InvalidValue) where a strategy finds what it never writes.
pub fn read_form(form: Form<'_>, place: ReadPlace<'_>) -> Result<Reading> {
    read_guided(form, place, ())
}

/// Reads a place by its form and by what else is known of it.
///
/// # Errors
/// As [`read_form`].
pub fn read_guided(form: Form<'_>, place: ReadPlace<'_>, guide: impl Guide) -> Result<Reading> {
    read_at(form, place, guide, 0)
}

fn read_at(form: Form<'_>, place: ReadPlace<'_>, guide: impl Guide, depth: usize) -> Result<Reading> {
    if place.is_empty() {
        return Ok(Reading::Default);
    }
    if depth == MAX_NESTING {
        return Err(too_deep());
    }
    let value = match form.code() {
        code::LATEST => register::<Latest>(place)?,
        code::CONFLICT => register::<Conflict>(place)?,
        code::MAX => register::<Max>(place)?,
        code::MIN => register::<Min>(place)?,
        code::FIRST => register::<First>(place)?,
        code::FLAG => register::<flag::Flag>(place)?,
        code::FLAG_FALSE_WINS => register::<flag::FlagFalseWins>(place)?,
        code::COUNTER => counter::sum(place)?.map(Value::from),
        code::LATEST_OBJECT => latest_object::read(place)?.map(|map| Value::from_bytes(&map)).transpose()?,
        code::SET => Some(list(elements::<AddWins>(place)?)?),
        code::UNION => Some(list(elements::<Union>(place)?)?),
        code::SET_REMOVE_WINS => Some(list(elements::<RemoveWins>(place)?)?),
        code::SET_LATEST => Some(list(elements::<Newest>(place)?)?),
        code::SET_ONCE => Some(list(elements::<Once>(place)?)?),
        code::TEXT => text::read(place)?.map(Value::from),
        code::LIST => sequence::read(place)?.map(items).transpose()?,
        code::LIST_MOVES => {
            let standing = moves::read(place)?.unwrap_or_default();
            Some(items(standing.into_iter().map(|standing| standing.item).collect())?)
        }
        code::LOCATION => location::read(place)?.map(|position| Value::Bytes(position.to_vec())),
        code::LIST_NESTED => match form.structure() {
            Structure::Map(Child::Form(inner)) => Some(read_list(place, inner, guide, depth)?),
            _ => return Ok(Reading::Unknown),
        },
        code::NESTED => Some(nested(place, guide, depth)?),
        code::DECLARED => match declared(place, guide)? {
            Some(value) => return Ok(Reading::Value(value)),
            None => return Ok(Reading::Unknown),
        },
        code::OPTION => match form.structure() {
            Structure::Map(Child::Form(inner)) => Some(option(place, inner, guide, depth)?),
            _ => return Ok(Reading::Unknown),
        },
        code::MAP => match form.structure() {
            Structure::Map(Child::Form(inner)) => Some(read_map(place, inner, guide, depth)?),
            _ => return Ok(Reading::Unknown),
        },
        _ => return Ok(Reading::Unknown),
    };
    let value = match guide.declared() {
        Some(Declared::Clamp(clamp)) if form.structure() == Structure::Values => {
            value.map(|value| clamp.value(value))
        }
        _ => value,
    };
    Ok(value.map_or(Reading::Default, Reading::Value))
}

/// What a declared strategy makes of the writes here; nothing where there are several and it is not known.
fn declared(place: ReadPlace<'_>, guide: impl Guide) -> Result<Option<Value>> {
    match guide.declared().filter(|declared| declared.is_known()) {
        Some(declared) => {
            declared.read(&place.entries()?).and_then(|value| Value::from_bytes(&value)).map(Some)
        }
        None => place.single()?.map(Value::from_bytes).transpose(),
    }
}

fn option(place: ReadPlace<'_>, inner: Form<'_>, guide: impl Guide, depth: usize) -> Result<Value> {
    match map::items(place, inner)?.into_iter().find(|item| item.key == NULL) {
        Some(item) => read_at(inner, place.below(item.body), guide, depth + 1).map(shown),
        None => Ok(Value::Null),
    }
}

fn register<S: Register>(place: ReadPlace<'_>) -> Result<Option<Value>> {
    read_register::<S>(place)?.map(|bytes| Value::from_bytes(&bytes)).transpose()
}

fn list(elements: Vec<&[u8]>) -> Result<Value> {
    let mut values = elements.into_iter().map(Value::from_bytes).collect::<Result<Vec<_>>>()?;
    values.sort();
    Ok(Value::List(values))
}

fn items(items: Vec<&[u8]>) -> Result<Value> {
    items.into_iter().map(Value::from_bytes).collect::<Result<Vec<_>>>().map(Value::List)
}

fn read_map(place: ReadPlace<'_>, inner: Form<'_>, guide: impl Guide, depth: usize) -> Result<Value> {
    let mut read = BTreeMap::new();
    for item in map::items(place, inner)? {
        let value = shown(read_at(inner, place.below(item.body), guide, depth + 1)?);
        read.insert(Value::from_bytes(item.key)?, value);
    }
    Ok(Value::Map(read))
}

/// The drones with their ids: among their fields where the id's name is known, else beside them.
fn read_list(place: ReadPlace<'_>, inner: Form<'_>, guide: impl Guide, depth: usize) -> Result<Value> {
    let each = |standing: drones::Standing<'_>| {
        let id = Value::from_bytes(standing.key)?;
        let drone = shown(read_at(inner, place.below(standing.body), guide, depth + 1)?);
        Ok(match (guide.id(), drone) {
            (Some(name), Value::Map(mut fields)) => {
                fields.insert(Value::from(name), id);
                Value::Map(fields)
            }
            (_, drone) => Value::List(vec![id, drone]),
        })
    };
    drones::read(place, inner)?.into_iter().map(each).collect::<Result<Vec<_>>>().map(Value::List)
}

fn nested(place: ReadPlace<'_>, guide: impl Guide, depth: usize) -> Result<Value> {
    let mut fields = place.fields()?;
    let mut read = BTreeMap::new();
    while let Some(field) = fields.next()? {
        if field.form.code() == code::LOCATION {
            continue;
        }
        let below = guide.below(field.name, field.form);
        let value = shown(read_at(field.form, place.below(field.body), below, depth + 1)?);
        // Two forms of one name stand side by side; the second is told apart by its form.
        let name = Value::from(field.name);
        let name = if read.contains_key(&name) {
            Value::from(format!("{} {}", field.name, field.form))
        } else {
            name
        };
        read.insert(name, value);
    }
    Ok(Value::Map(read))
}

fn shown(reading: Reading) -> Value {
    match reading {
        Reading::Value(value) => value,
        Reading::Default | Reading::Unknown => Value::Null,
    }
}

/// Whether an attribute waits for a person's decision, by what its strategy says.
///
/// # Errors
/// As [`read_form`].
pub fn is_conflicted(form: Form<'_>, place: ReadPlace<'_>) -> Result<bool> {
    any_place(form, place, 0, &|form, place| {
        Ok(form.code() == code::CONFLICT
            && place.single()?.is_none()
            && Conflict::conflict(&place.entries()?))
    })
}

/// Whether several concurrent writes stand at one place of an attribute. A counter's totals are no rivals, and of the
/// moves of an item the newest counts.
///
/// # Errors
/// As [`read_form`].
pub fn has_concurrent_values(form: Form<'_>, place: ReadPlace<'_>) -> Result<bool> {
    any_place(form, place, 0, &|form, place| {
        Ok(!matches!(form.code(), code::COUNTER | code::LOCATION) && place.single()?.is_none())
    })
}

/// Whether `test` holds at any place of dot → value that can be reached.
fn any_place(
    form: Form<'_>,
    place: ReadPlace<'_>,
    depth: usize,
    test: &dyn Fn(Form<'_>, ReadPlace<'_>) -> Result<bool>,
) -> Result<bool> {
    if place.is_empty() {
        return Ok(false);
    }
    if depth == MAX_NESTING {
        return Err(too_deep());
    }
    match form.structure() {
        Structure::Values => test(form, place),
        Structure::Map(Child::Form(inner)) => {
            for item in map::items(place, inner)? {
                if any_place(inner, place.below(item.body), depth + 1, test)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Structure::Nested => {
            let mut fields = place.fields()?;
            while let Some(field) = fields.next()? {
                if any_place(field.form, place.below(field.body), depth + 1, test)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Ok(false),
    }
}

impl Reading {
    /// The value.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) where the strategy's code is not here.
    pub fn into_value(self) -> Result<Option<Value>> {
        match self {
            Reading::Default => Ok(None),
            Reading::Value(value) => Ok(Some(value)),
            Reading::Unknown => Err(Error::new(
                ErrorKind::Unsupported,
                "its strategy is not known here: a declared one is read by a schema (`Schema::value_of`), one of a program's \
                 own by that program; it is kept and merged",
            )),
        }
    }
}
