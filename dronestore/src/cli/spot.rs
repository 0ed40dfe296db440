//! Spot: a place of an object that is changed by what was typed: what is stored there, and as what.

use super::assign::{Assignment, Operator, Step, usage};
use super::{show, typed};
use crate::repo::fitted;
use crate::schema::{Schema, SchemaAttribute, Type};
use crate::strategy::Declared;
use crate::{Error, ErrorKind, Result, Value};
use dronestore_core::nearest::did_you_mean;
use std::collections::BTreeMap;

/// A place: what is stored there, and as what.
pub(super) struct Spot<'s> {
    schema: &'s Schema,
    attribute: &'s SchemaAttribute,
    strategy: &'s str,
    ty: Type,
}

fn inside<'s>(strategy: &'s str, word: &str) -> Option<&'s str> {
    strategy.strip_prefix(word)?.strip_prefix('(')?.strip_suffix(')')
}

impl<'s> Spot<'s> {
    /// That of an attribute.
    pub(super) fn of(schema: &'s Schema, attribute: &'s SchemaAttribute) -> Spot<'s> {
        Spot { schema, attribute, strategy: &attribute.strategy, ty: attribute.ty() }
    }

    /// The value after the change, from that before; none where nothing was written.
    pub(super) fn change(
        &self,
        before: Option<Value>,
        below: &[Step],
        assignment: &Assignment,
    ) -> Result<Value> {
        let Some((step, rest)) = below.split_first() else { return self.here(before, assignment) };
        let before = before.filter(|value| !value.is_null());
        if let Some(inner) = inside(self.strategy, "map") {
            let mut entries = as_map(before)?;
            let key = step.key(self.ty.key())?;
            let ty = self.ty.inner().cloned().unwrap_or(Type::Other(String::new()));
            let spot = Spot { strategy: inner, ty, ..*self };
            let after = spot.change(entries.get(&key).cloned(), rest, assignment)?;
            entries.insert(key, after);
            return Ok(Value::Map(entries));
        }
        match self.strategy {
            "nested" | "option(nested)" => self.in_drone(before, below, assignment),
            "list(nested)" => {
                let id = self.id()?;
                let (key, name) = (step.key(Some(&id.ty()))?, Value::from(id.name.as_str()));
                let mut items = as_list(before)?;
                let at = items.iter().position(|item| item.get(&id.name) == Some(&key));
                let item = at.map(|at| items[at].clone());
                let item = item.unwrap_or_else(|| Value::Map(BTreeMap::from([(name, key)])));
                let after = match rest {
                    [] => return Err(usage("name the field of the item: `list[\"id\"].field=value`")),
                    rest => self.in_drone(Some(item), rest, assignment)?,
                };
                match at {
                    Some(at) => items[at] = after,
                    None => items.push(after),
                }
                Ok(Value::List(items))
            }
            other => Err(usage(format!("is `{other}`, one value without parts: set it as a whole"))),
        }
    }

    fn in_drone(&self, before: Option<Value>, below: &[Step], assignment: &Assignment) -> Result<Value> {
        let Some((Step::Name(name), rest)) = below.split_first() else {
            return Err(usage("name the field: `.name`"));
        };
        let (kind, attributes) = self.drone()?;
        let spot = Spot::of(self.schema, SchemaAttribute::find(kind, attributes, name)?);
        let mut fields = as_map(before)?;
        // The members of a `latest_object` are read as one field without a name.
        let group = fields.get(&Value::from("")).and_then(|group| group.get(name)).cloned();
        let name = Value::from(name.as_str());
        let after = spot.change(fields.get(&name).cloned().or(group), rest, assignment)?;
        fields.insert(name, after);
        Ok(Value::Map(fields))
    }

    fn drone(&self) -> Result<(&'s str, &'s [SchemaAttribute])> {
        let kind = self.attribute.nested.as_deref();
        let found = kind.and_then(|kind| Some((kind, self.schema.nested.get(kind)?.as_slice())));
        found.ok_or_else(|| Error::corrupt("the schema does not say what is nested here"))
    }

    /// The attribute that is the id of the drones in a list.
    fn id(&self) -> Result<&'s SchemaAttribute> {
        let found = self.drone()?.1.iter().find(|attribute| attribute.id);
        found.ok_or_else(|| Error::corrupt("the schema does not say which field is the id"))
    }

    fn here(&self, before: Option<Value>, assignment: &Assignment) -> Result<Value> {
        let text = &assignment.text;
        let value = match assignment.operator {
            Operator::Set | Operator::SetFile
                if self.strategy == "counter" && self.attribute.default.is_some() =>
            {
                Err(usage("counts from a default that only the program knows: use `+=` and `-=`"))
            }
            Operator::Set | Operator::SetFile => typed::value(text, &self.ty),
            Operator::SetJson => typed::json(text, &self.ty),
            Operator::Add => self.add(before, text),
            Operator::Take => self.take(before, text),
        }?;
        self.check_rank(&value)?;
        Ok(value)
    }

    /// Refuses what is not in the list of a `rank`: it would come before all that are.
    fn check_rank(&self, value: &Value) -> Result<()> {
        let Some(Declared::Rank(ranks)) =
            self.attribute.declared.as_ref().filter(|_| self.strategy == "declared")
        else {
            return Ok(());
        };
        if value.is_null() || ranks.contains(value) {
            return Ok(());
        }
        let names: Vec<String> = ranks.iter().map(show::plain).collect();
        let meant = did_you_mean(&show::plain(value), names.iter().map(String::as_str));
        let message = format!("{value} is not in its list, which is {}{meant}", names.join(", "));
        Err(usage(message))
    }

    /// What stands here, or would if it had been written.
    fn or_default(&self, before: Option<Value>) -> Result<Value> {
        let default =
            || if self.strategy == "counter" { Some(Value::from(0)) } else { self.attribute.default_value() };
        let is_attribute = self.strategy == self.attribute.strategy;
        let default = || if is_attribute { default() } else { self.ty.default_value() };
        before.or_else(default).ok_or_else(|| usage("starts from what only the program knows: use `=`"))
    }

    fn add(&self, before: Option<Value>, text: &str) -> Result<Value> {
        if inside(self.strategy, "map").is_some() {
            return Err(usage("is a map: name the key, as in `name.key=value`"));
        }
        match (self.or_default(before)?, &self.ty) {
            (Value::List(mut values), Type::Set(inner)) => {
                let value = typed::value(text, inner)?;
                values.push(value);
                values.sort();
                values.dedup();
                Ok(Value::List(values))
            }
            (Value::List(mut values), Type::List(inner)) => {
                values.push(match self.strategy {
                    "list(nested)" => typed::json(text, inner)?,
                    _ => typed::value(text, inner)?,
                });
                Ok(Value::List(values))
            }
            (Value::Text(before), Type::Text) => Ok(Value::Text(before + text)),
            (before, ty) => self.calculate(&before, ty, text, 1),
        }
    }

    fn take(&self, before: Option<Value>, text: &str) -> Result<Value> {
        let missing = || Error::new(ErrorKind::NotFound, format!("`{}` is not in it", text.escape_debug()));
        if inside(self.strategy, "map").is_some() {
            let mut entries = as_map(before)?;
            let key = Step::Name(text.to_owned()).key(self.ty.key())?;
            return entries.remove(&key).map(|_| Value::Map(entries)).ok_or_else(missing);
        }
        match (self.or_default(before)?, &self.ty) {
            (Value::List(mut values), Type::List(inner) | Type::Set(inner)) => {
                let at = match self.strategy {
                    "list(nested)" => {
                        let id = self.id()?;
                        let key = typed::value(text, &id.ty())?;
                        values.iter().position(|item| item.get(&id.name) == Some(&key))
                    }
                    _ => {
                        let value = typed::value(text, inner)?;
                        values.iter().position(|known| *known == value)
                    }
                };
                values.remove(at.ok_or_else(missing)?);
                Ok(Value::List(values))
            }
            (before, ty) => self.calculate(&before, ty, text, -1),
        }
    }

    /// Adds a number, `sign` times.
    fn calculate(&self, before: &Value, ty: &Type, text: &str, sign: i128) -> Result<Value> {
        let ty = if let Type::Option(inner) = ty { inner } else { ty };
        let beyond = || usage(format!("`{text}` leads beyond `{ty}`"));
        if let (Some(before), Type::Float(_)) = (before.as_float(), ty) {
            let number = typed::value(text, ty)?.as_float().unwrap_or_default();
            let sum = fitted(Value::try_from(before + number * sign as f64)?, ty);
            return if sum.as_float().is_some_and(f64::is_finite) { Ok(sum) } else { Err(beyond()) };
        }
        let Some(before) = before.as_integer().and_then(|number| number.as_i128()) else {
            let sign = if sign < 0 { "-=" } else { "+=" };
            return Err(usage(format!(
                "is `{}` of type `{ty}`: `{sign}` does not fit, use `=`",
                self.strategy
            )));
        };
        let number =
            text.parse::<i128>().map_err(|_| usage(format!("`{}` is no `{ty}`", text.escape_debug())))?;
        let sum = number.checked_mul(sign).and_then(|number| before.checked_add(number));
        sum.map(Value::from).ok_or_else(beyond)
    }
}

impl Step {
    /// The key that the step names, of a map with keys of this type.
    fn key(&self, ty: Option<&Type>) -> Result<Value> {
        let other = Type::Other(String::new());
        let ty = ty.unwrap_or(&other);
        match self {
            Step::Name(name) => typed::value(name, ty),
            Step::Json(text) => typed::json(text, ty),
        }
    }
}

fn as_map(value: Option<Value>) -> Result<BTreeMap<Value, Value>> {
    match value {
        None => Ok(BTreeMap::new()),
        Some(Value::Map(entries)) => Ok(entries),
        Some(other) => Err(usage(format!("{other} is no map"))),
    }
}

fn as_list(value: Option<Value>) -> Result<Vec<Value>> {
    match value {
        None => Ok(Vec::new()),
        Some(Value::List(items)) => Ok(items),
        Some(other) => Err(usage(format!("{other} is no list"))),
    }
}
