//! One place by its form: each strategy's own rule, over values in place of Rust types.

use super::drone::{self, Standing};
use crate::causal::form::{Child, code};
use crate::causal::{Form, Structure};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{Schema, SchemaAttribute, Type};
use crate::strategy::latest_object::{ReadObject, WriteObject};
use crate::strategy::set::{self, AddWins, Newest, Once, RemoveWins, Rule};
use crate::strategy::{
    self, Change, Codec, Decision, Declared, Keys, Pen, Register, Scene, WritePlace, conflict, counter,
    first, flag, items, latest, list, map, max, min, moves, text, union,
};
use crate::value::{self, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a place beside its form.
#[derive(Clone, Copy)]
pub(super) struct Spot<'s> {
    pub(super) schema: &'s Schema,
    pub(super) attribute: &'s SchemaAttribute,
    /// Whether it is below a key, where nothing has no reading and everything that is there is written.
    pub(super) below_key: bool,
}

impl<'s> Spot<'s> {
    /// The kind of the drone that is nested here.
    pub(super) fn drone_kind(&self) -> Result<&'s str> {
        self.attribute.nested.as_deref().ok_or_else(|| no_drone(self.attribute))
    }

    /// The attributes of the drone that is nested here.
    pub(super) fn drone(&self) -> Result<&'s [SchemaAttribute]> {
        let nested = self.schema.nested.get(self.drone_kind()?);
        nested.map(Vec::as_slice).ok_or_else(|| no_drone(self.attribute))
    }

    fn below_key(self) -> Self {
        Spot { below_key: true, ..self }
    }

    /// What the place reads as while nothing is written; `None` below a key and where only the program knows.
    fn default(&self) -> Option<Value> {
        if self.below_key { None } else { self.attribute.default_value() }
    }

    /// Refuses to go on from a default that only the program knows.
    fn refuse_default(&self, place: &WritePlace<'_>) -> Result<()> {
        if self.below_key || !place.base.is_empty() {
            return Ok(());
        }
        match &self.attribute.default {
            Some(text) if self.default().is_none() => {
                let message =
                    format!("starts from `{text}`, which only the program knows: let it write first");
                Err(Error::new(ErrorKind::Unsupported, message))
            }
            _ => Ok(()),
        }
    }
}

#[cold]
fn no_drone(attribute: &SchemaAttribute) -> Error {
    Error::corrupt(format!("the schema does not say what is nested in `{}`", attribute.name))
}

#[cold]
fn expected(what: &str, value: &Value) -> Error {
    Error::new(ErrorKind::InvalidValue, format!("{value} is no {what}"))
}

fn as_list(value: &Value) -> Result<&[Value]> {
    value.as_list().ok_or_else(|| expected("list", value))
}

fn as_map(value: &Value) -> Result<&BTreeMap<Value, Value>> {
    value.as_map().ok_or_else(|| expected("map", value))
}

/// Any value decodes as itself.
fn codec() -> Codec {
    Codec::of::<Value>()
}

/// What a value reads of a stored item, encoded: itself.
fn again(item: &[u8]) -> Result<Vec<u8>> {
    value::check(item).map(|_| item.to_vec())
}

/// Puts a value into a place, where it differs from what was loaded.
pub(super) fn write(
    place: &mut WritePlace<'_>,
    form: Form<'_>,
    ty: &Type,
    spot: Spot<'_>,
    value: &Value,
) -> Result<()> {
    if form.structure() == Structure::Values
        && let Some(declared) = &spot.attribute.declared
    {
        return write_declared(place, ty, spot, declared, value);
    }
    match form.code() {
        code::LATEST => register::<latest::Latest>(place, spot, value),
        code::CONFLICT => register::<conflict::Conflict>(place, spot, value),
        code::MAX => register::<max::Max>(place, spot, value),
        code::MIN => register::<min::Min>(place, spot, value),
        code::FIRST => register::<first::First>(place, spot, value),
        code::FLAG => register::<flag::Flag>(place, spot, as_flag(value)?),
        code::FLAG_FALSE_WINS => register::<flag::FlagFalseWins>(place, spot, as_flag(value)?),
        code::COUNTER => count(place, ty, spot, value, Ok),
        code::SET => elements::<AddWins>(place, spot, value),
        code::UNION => elements::<union::Union>(place, spot, value),
        code::SET_REMOVE_WINS => elements::<RemoveWins>(place, spot, value),
        code::SET_LATEST => elements::<Newest>(place, spot, value),
        code::SET_ONCE => elements::<Once>(place, spot, value),
        code::TEXT => {
            let new = value.as_text().ok_or_else(|| expected("text", value))?;
            spot.refuse_default(place)?;
            let default = spot.default().and_then(|default| default.as_text().map(str::to_owned));
            let default = default.map(|default| move || default.clone());
            text::write(place, new, None, default.as_ref().map(|default| default as &dyn Fn() -> String))
        }
        code::LIST | code::LIST_MOVES => {
            let items = list::Items::encode(as_list(value)?.iter())?;
            spot.refuse_default(place)?;
            let empty = || Ok(list::Items::default());
            let default =
                if spot.below_key { None } else { Some(&empty as &dyn Fn() -> Result<list::Items>) };
            match form.code() {
                code::LIST => list::write(place, &items, &again, default),
                _ => moves::write(place, &items, &again, default),
            }
        }
        code::NESTED => nested(place, spot, as_map(value)?),
        _ => match form.structure() {
            Structure::Map(Child::Form(inner)) => write_keys(place, form, inner, ty, spot, value),
            _ => Err(Error::new(ErrorKind::Unsupported, format!("`{form}` is written by its program only"))),
        },
    }
}

fn as_flag(value: &Value) -> Result<&Value> {
    value.as_bool().map(|_| value).ok_or_else(|| expected("bool", value))
}

fn register<S: Register>(place: &mut WritePlace<'_>, spot: Spot<'_>, value: &Value) -> Result<()> {
    let new = value.to_bytes()?;
    match spot.default() {
        Some(default) => strategy::write_register::<S>(
            place,
            &new,
            codec(),
            Some(&|out| value::encode_into(&default, out)),
        ),
        None => strategy::write_register::<S>(place, &new, codec(), None),
    }
}

/// Adds what the value is more than what is read, by `shown`, of the sum.
fn count(
    place: &mut WritePlace<'_>,
    ty: &Type,
    spot: Spot<'_>,
    value: &Value,
    shown: impl Fn(i128) -> Result<i128>,
) -> Result<()> {
    let number = |value: &Value| value.as_integer().and_then(|number| number.as_i128());
    let new = number(value).ok_or_else(|| expected("whole number", value))?;
    let sum = counter::sum(place.loaded())?;
    let is_new_key = sum.is_none() && spot.below_key;
    counter::add(place, new.saturating_sub(shown(sum.unwrap_or(0))?), ty.is_unsigned(), is_new_key)
}

fn elements<R: Rule>(place: &mut WritePlace<'_>, spot: Spot<'_>, value: &Value) -> Result<()> {
    let elements: BTreeSet<&Value> = as_list(value)?.iter().collect();
    spot.refuse_default(place)?;
    let keys = Keys::encode(elements.into_iter())?;
    let loaded = place.loaded();
    let shown = || {
        let shown = set::elements::<R>(loaded)?.into_iter().map(Value::from_bytes);
        Keys::encode(shown.collect::<Result<Vec<_>>>()?.iter())
    };
    let empty = || Ok(Keys::default());
    let default = if spot.below_key { None } else { Some(&empty as &dyn Fn() -> Result<Keys>) };
    set::write::<R>(place, &keys, codec(), default, &shown)
}

/// A declared strategy is written as `latest` is; one within bounds by what is inside of them.
fn write_declared(
    place: &mut WritePlace<'_>,
    ty: &Type,
    spot: Spot<'_>,
    declared: &Declared,
    value: &Value,
) -> Result<()> {
    let new = value.to_bytes()?;
    if let Declared::Clamp(clamp) = declared
        && clamp.of == Declared::Counter
    {
        let bounded = |sum: i128| {
            let shown = clamp.value(Value::from(sum)).as_integer().and_then(|number| number.as_i128());
            shown.ok_or_else(|| expected("whole number", &clamp.value(Value::from(sum))))
        };
        return count(place, ty, spot, value, bounded);
    }
    let loaded = place.loaded();
    let entries = loaded.entries()?;
    let old = if entries.is_empty() { None } else { Some(declared.read(&entries)?) };
    let default = spot.default().map(|default| default.to_bytes()).transpose()?;
    let stands = old.as_deref().or(default.as_deref());
    if stands == Some(&new) {
        return place.keep(Structure::Values);
    }
    match declared.write(&Change { base: loaded, old: old.as_deref(), new: &new })? {
        Decision::Put(value, replaces) => place.put(&value, replaces),
        Decision::Leave(reason) => {
            place.pen.notes.push(reason.to_owned());
            place.keep(Structure::Values)
        }
    }
}

/// Members of the one entry that all `latest_object` attributes share.
pub(super) fn members(place: &mut WritePlace<'_>, members: &[(&SchemaAttribute, &Value)]) -> Result<()> {
    let mut object = WriteObject::new(ReadObject::new(place.loaded())?);
    for (attribute, value) in members {
        let default = attribute.default_value();
        object.set(&attribute.name, *value, codec(), &|out| match &default {
            Some(default) => value::encode_into(default, out),
            // Equal to no value: what only the program knows counts as changed.
            None => Ok(()),
        })?;
    }
    object.finish(place)
}

/// Where each value stands below a key: maps, an option, a list of drones.
fn write_keys(
    place: &mut WritePlace<'_>,
    form: Form<'_>,
    inner: Form<'_>,
    ty: &Type,
    spot: Spot<'_>,
    value: &Value,
) -> Result<()> {
    spot.refuse_default(place)?;
    let below = spot.below_key();
    let opaque = Type::Other(String::new());
    let inner_type = ty.inner().unwrap_or(&opaque);
    let base = &place.scene.base;
    match form.code() {
        code::OPTION => {
            let is_there = !value.is_null();
            let keys = |is_there: bool| Keys::encode(is_there.then_some(&Value::Null).into_iter());
            let (now, shown) = (keys(is_there)?, || keys(true));
            let is_default = || Ok(!is_there && !spot.below_key);
            let each = |_, place: &mut WritePlace<'_>| write(place, inner, inner_type, below, value);
            base.deeper(|| map::write(place, inner, &now, codec(), &shown, &is_default, &each))
        }
        code::LIST_NESTED => write_list(place, inner, spot, as_list(value)?),
        _ => {
            let entries = as_map(value)?;
            let values: Vec<&Value> = entries.values().collect();
            let keys = Keys::encode(entries.keys())?;
            let loaded = place.loaded();
            let shown = || {
                let shown = map::items(loaded, inner)?.into_iter().map(|item| Value::from_bytes(item.key));
                Keys::encode(shown.collect::<Result<Vec<_>>>()?.iter())
            };
            let is_default = || Ok(entries.is_empty() && !spot.below_key);
            let each = |position: usize, place: &mut WritePlace<'_>| match values.get(position) {
                Some(value) => write(place, inner, inner_type, below, value),
                None => Err(Error::corrupt("a key has no value")),
            };
            base.deeper(|| map::write(place, inner, &keys, codec(), &shown, &is_default, &each))
        }
    }
}

fn write_list(place: &mut WritePlace<'_>, inner: Form<'_>, spot: Spot<'_>, drones: &[Value]) -> Result<()> {
    let id = spot.drone()?.iter().find(|attribute| attribute.id).ok_or_else(|| no_drone(spot.attribute))?;
    let name = Value::from(id.name.as_str());
    let mut ids = Vec::with_capacity(drones.len());
    for drone in drones {
        let found = as_map(drone)?.get(&name);
        ids.push(found.ok_or_else(|| expected(&format!("item: it has no `{}`", id.name), drone))?);
        id.ty().check(ids[ids.len() - 1])?;
    }
    let ids = list::Items::gather(ids.into_iter(), |id, out| value::encode_into(*id, out))?;
    let each = |number: usize, placing: strategy::location::Placing<'_>, place: &mut WritePlace<'_>| {
        let drone = drones.get(number).ok_or_else(|| Error::corrupt("an item has no drone"))?;
        drone::write(place, spot, as_map(drone)?, Standing::Item(placing))
    };
    let is_default = || Ok(drones.is_empty() && !spot.below_key);
    let base = &place.scene.base;
    base.deeper(|| items::write(place, inner, &ids, &again, &is_default, &each))
}

/// A drone field by field.
fn nested(place: &mut WritePlace<'_>, spot: Spot<'_>, value: &BTreeMap<Value, Value>) -> Result<()> {
    if !place.base.is_empty() {
        return drone::write(place, spot, value, Standing::Field);
    }
    if spot.below_key {
        return drone::write(place, spot, value, Standing::NewKey);
    }
    spot.refuse_default(place)?;
    let scene = Scene::default();
    let mut pen = Pen::new(&scene);
    drone::write(
        &mut WritePlace { scene: &scene, base: &[], head: &[], pen: &mut pen },
        spot,
        value,
        Standing::Field,
    )?;
    match pen.out.is_empty() {
        true => place.keep(Structure::Nested),
        false => drone::write(place, spot, value, Standing::Field),
    }
}
