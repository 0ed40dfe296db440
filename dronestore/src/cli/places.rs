//! Values at places of an object: named by a path, and shown as people read them, times as such.

use super::show;
use crate::query::{Path, Root, Row};
use crate::schema::{Place, Schema, Type, Values};
use crate::version::Part;
use crate::{ErrorKind, Key, Nanotime, Result, Value, Version};
use std::borrow::Cow;

/// An object as its values, for paths.
pub(super) struct Object<'o> {
    pub(super) version: &'o Version,
    pub(super) values: &'o Values,
    /// By which what was never written reads as its default; without it, as nothing.
    pub(super) schema: Option<&'o Schema>,
}

impl Row for Object<'_> {
    fn key(&self) -> &Key {
        self.version.key()
    }

    fn kind(&self) -> &str {
        self.version.kind()
    }

    fn created(&self) -> Nanotime {
        self.version.created()
    }

    fn committed(&self) -> Nanotime {
        self.version.committed()
    }

    fn attribute(&self, name: &str) -> Result<Option<Cow<'_, Value>>> {
        if let Some(value) = self.values.get(name) {
            return Ok(Some(Cow::Borrowed(value)));
        }
        let known = self.schema.iter().flat_map(|schema| &schema.attributes).find(|known| known.name == name);
        Ok(known.and_then(|known| known.default_value()).map(Cow::Owned))
    }
}

/// The path that a text is: an attribute of just this name, else as in a query.
pub(super) fn path(text: &str, names: &[&str]) -> Result<Path> {
    if names.contains(&text) {
        return Ok(Path::attribute(text));
    }
    // What is no path is no query's mistake.
    text.parse().map_err(|error: crate::Error| {
        let what = error.to_string();
        let what = what.strip_prefix("query, ").unwrap_or(&what).to_owned();
        crate::Error::new(ErrorKind::InvalidValue, format!("`{}`: {what}", text.escape_debug()))
    })
}

/// The parts of a list of paths, with commas between that stand in no bracket and no text.
pub(super) fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut in_text, mut start) = (Vec::new(), 0usize, false, 0);
    for (at, char) in text.char_indices() {
        match char {
            '"' => in_text = !in_text,
            '[' | '(' | '{' if !in_text => depth += 1,
            ']' | ')' | '}' if !in_text => depth = depth.saturating_sub(1),
            ',' if depth == 0 && !in_text => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// Where a path ends, as far as the schema knows it.
pub(super) fn end<'s>(path: &Path, schema: Option<&'s Schema>) -> Option<Place<'s>> {
    let schemas = schema.map(std::slice::from_ref).unwrap_or_default();
    match (&path.root, schema) {
        (Root::Attribute(_), None) => None,
        _ => path.places(schemas).ok()?.into_iter().next(),
    }
}

/// A value as people read it alone: a text without its quotes, a time as one.
pub(super) fn plain(value: &Value, place: Option<&Place<'_>>) -> String {
    show::plain(&timed(value, place))
}

/// A value among others: texts in quotes; a time that stands alone without.
pub(super) fn shown(value: &Value, place: Option<&Place<'_>>) -> String {
    match timed(value, place) {
        Value::Text(time) if matches!(value, Value::Integer(_)) => time,
        value => value.to_string(),
    }
}

/// A time as RFC 3339, with as many digits of its second as it has.
fn time(time: Nanotime) -> String {
    let text = time.to_string();
    let text = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
    // Zeros of what is no fraction belong there.
    match text.contains('.') {
        true => format!("{text}Z"),
        false => show::time(time),
    }
}

/// The value with its times as texts.
pub(super) fn timed(value: &Value, place: Option<&Place<'_>>) -> Value {
    let Some(place) = place else { return value.clone() };
    let below = |key: &Value, value: &Value| timed(value, place.below(key).ok().as_ref());
    match (value, bare(place.ty())) {
        (Value::Integer(number), Type::Time) => match number.as_u64() {
            Some(nanos) => Value::from(time(Nanotime::from_nanos(nanos))),
            None => value.clone(),
        },
        (Value::Some(inner), _) => Value::some(timed(inner, Some(place))),
        (Value::List(items), Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
            let item = |(at, item)| below(&Value::from(at as u64), item);
            Value::List(items.iter().enumerate().map(item).collect())
        }
        (Value::Map(entries), ty) => {
            let keys = ty.key().map(|ty| Place::typed(ty.clone()));
            let entry = |(key, value): (&Value, &Value)| (timed(key, keys.as_ref()), below(key, value));
            Value::Map(entries.iter().map(entry).collect())
        }
        _ => value.clone(),
    }
}

fn bare(mut ty: &Type) -> &Type {
    while let Type::Option(inner) = ty {
        ty = inner;
    }
    ty
}

/// Puts times for the numbers in a part of an explanation.
pub(super) fn explain_times(part: &mut Part, place: Option<&Place<'_>>) {
    let Some(place) = place else { return };
    for value in part.reads.iter_mut().chain(part.writes.iter_mut().map(|write| &mut write.value)) {
        *value = timed(value, Some(place));
    }
    for part in &mut part.parts {
        let key = match part.name.strip_prefix('.') {
            Some(field) => Some(Value::from(field)),
            None => part.name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).and_then(literal),
        };
        let Some(key) = key else { continue };
        match place.ty() {
            // What stands there is whether the element is in the set.
            Type::Set(inner) => {
                part.name = format!("[{}]", timed(&key, Some(&Place::typed((**inner).clone()))))
            }
            _ => explain_times(part, place.below(&key).ok().as_ref()),
        }
    }
}

/// The value that stands in a name of a part.
fn literal(text: &str) -> Option<Value> {
    Value::from_json(&serde_json::from_str(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_times_wherever_they_stand() {
        let source = "
            struct Day {
                #[merge(latest)] at: Option<Nanotime>, #[merge(set)] on: BTreeSet<Nanotime>,
                #[merge(map(latest))] by: BTreeMap<String, (u8, Nanotime)>, #[merge(nested)] trip: Trip,
                #[merge(list(nested))] trips: Vec<Trip>, #[merge(counter)] number: u64,
            }
            struct Trip { #[drone(id)] #[merge(first)] id: u8, #[merge(latest)] begins: Nanotime }";
        let schema = Schema::parse(source).unwrap();
        let time = Value::from(1_795_219_200_000_000_000u64);
        let trip: Value = [("id", Value::from(1)), ("begins", time.clone())].into_iter().collect();
        for (name, value, read) in [
            ("at", time.clone(), "2026-11-21T00:00:00Z"),
            ("at", Value::from(1_795_219_200_250_000_000u64), "2026-11-21T00:00:00.25Z"),
            ("number", time.clone(), "1795219200000000000"),
            ("on", Value::List(vec![time.clone()]), r#"["2026-11-21T00:00:00Z"]"#),
            (
                "by",
                [("a", Value::List(vec![time.clone(), time.clone()]))].into_iter().collect(),
                r#"{"a":[1795219200000000000,"2026-11-21T00:00:00Z"]}"#,
            ),
            ("trip", trip.clone(), r#"{"begins":"2026-11-21T00:00:00Z","id":1}"#),
            ("trips", Value::List(vec![trip]), r#"[{"begins":"2026-11-21T00:00:00Z","id":1}]"#),
        ] {
            assert_eq!(plain(&value, schema.place(name).as_ref()), read, "{name}");
        }
    }

    #[test]
    fn lists_of_paths_are_cut_at_their_commas() {
        assert_eq!(split("last, age"), ["last", "age"]);
        assert_eq!(split(r#"stock["a,b"],visits ?? [1,2]"#), [r#"stock["a,b"]"#, "visits ?? [1,2]"]);
    }
}
