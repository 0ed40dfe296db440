//! Check: what of a query can only be a mistake, by the schemas of a kind.

use super::filter::Filter;
use super::path::{Path, Root, Step};
use super::{Order, Query};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{Place, Schema, Type, no_attribute};
use crate::value::Value;
use std::fmt;

/// How much of a condition is shown.
const SHOWN: usize = 80;

impl Query {
    /// Refuses what can only be a mistake by all of these schemas of a kind: a name that none of them has, a part of
    /// what has no parts, a comparison with a value of another type, which never holds. Of a program's own types
    /// nothing is known, and everything is taken. Without schemas nothing is refused.
    ///
    /// ```
    /// use dronestore_core::query::Query;
    /// use dronestore_core::schema::Schema;
    ///
    /// let person = [Schema::parse("struct Person { #[merge(max)] age: u32 }")?];
    /// let query: Query = "agee >= 18".parse()?;
    /// assert_eq!(
    ///     query.check(&person).unwrap_err().to_string(),
    ///     "`agee >= 18`: `Person` has no attribute `agee`; it has `age`; did you mean `age`?",
    /// );
    /// # Ok::<(), dronestore_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) for a name, [`InvalidValue`](ErrorKind::InvalidValue) for the rest; each with the
    /// condition that is meant, and what would be right.
    ///
    /// Cost: a look into the schemas for each path.
    pub fn check(&self, schemas: &[Schema]) -> Result<()> {
        if schemas.is_empty() {
            return Ok(());
        }
        check(&self.filter, schemas)?;
        let orders = self.order.iter().map(|Order { by, .. }| by);
        orders.into_iter().try_for_each(|path| path.check(schemas))
    }
}

impl Path {
    /// As [`Query::check`], of a path alone.
    ///
    /// # Errors
    /// As [`Query::check`].
    pub fn check(&self, schemas: &[Schema]) -> Result<()> {
        places(self, schemas).map(|_| ()).map_err(|error| error.at(format_args!("`{self}`")))
    }

    /// The places where it may end, one for each of the schemas that has such a place.
    ///
    /// # Errors
    /// As [`Query::check`].
    pub fn places<'s>(&self, schemas: &'s [Schema]) -> Result<Vec<Place<'s>>> {
        places(self, schemas)
    }
}

fn check(filter: &Filter, schemas: &[Schema]) -> Result<()> {
    let fits = |path: &Path, fit: &dyn Fn(&Type) -> Result<(), String>| {
        let places = places(path, schemas)?;
        let mut refused = None;
        for place in &places {
            match fit(place.ty()) {
                Ok(()) => return Ok(()),
                Err(message) => refused = Some((place.ty().to_string(), message)),
            }
        }
        let Some((ty, message)) = refused else { return Ok(()) };
        Err(Error::new(ErrorKind::InvalidValue, format!("`{path}` is of type `{ty}`, and {message}")))
    };
    let checked = match filter {
        Filter::And(filters) | Filter::Or(filters) => {
            return filters.iter().try_for_each(|filter| check(filter, schemas));
        }
        Filter::Not(inner) => return check(inner, schemas),
        Filter::IsNone(path) => fits(path, &|_| Ok(())),
        Filter::Is(path, _, value) => fits(path, &|ty| compared(ty, value)),
        Filter::In(path, values) => fits(path, &|ty| values.iter().try_for_each(|value| compared(ty, value))),
        Filter::Has(path, value) => fits(path, &|ty| has(ty, value)),
        Filter::StartsWith(path, _) => fits(path, &text),
        Filter::Contains(path, _) => fits(path, &text),
    };
    checked.map_err(|error| error.at(Shown(filter)))
}

/// The places of a path, by each schema that has it; the mistake where none has it.
fn places<'s>(path: &Path, schemas: &'s [Schema]) -> Result<Vec<Place<'s>>> {
    let typed = |ty| vec![Place::typed(ty)];
    let mut places = match &path.root {
        Root::Attribute(name) => schemas.iter().filter_map(|schema| schema.place(name)).collect(),
        Root::Key | Root::Parent | Root::Kind => typed(Type::Text),
        Root::Created | Root::Committed => typed(Type::Time),
    };
    if let (Root::Attribute(name), true, Some(first)) = (&path.root, places.is_empty(), schemas.first()) {
        return Err(no_attribute(&first.kind, schemas.iter().flat_map(|schema| &schema.attributes), name));
    }
    for step in &path.steps {
        let (mut after, mut refused) = (Vec::new(), None);
        for place in &places {
            match take(place, step) {
                Ok(place) => after.push(place),
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) if after.is_empty() => return Err(error),
            _ => places = after,
        }
    }
    Ok(places)
}

fn take<'s>(place: &Place<'s>, step: &Step) -> Result<Place<'s>> {
    match step {
        Step::At(key) => place.below(key),
        Step::Len => match bare(place.ty()) {
            Type::Text | Type::List(_) | Type::Set(_) | Type::Map(..) | Type::Other(_) => {
                Ok(Place::typed(Type::Integer("u64")))
            }
            ty => Err(Error::new(ErrorKind::InvalidValue, format!("a `{ty}` has no length"))),
        },
        // Where nothing is written there may be something of another type.
        Step::Or(default) if compared(place.ty(), default).is_err() => {
            Ok(Place::typed(Type::Other(place.ty().to_string())))
        }
        Step::Or(_) => Ok(place.clone()),
    }
}

fn bare(mut ty: &Type) -> &Type {
    while let Type::Option(inner) = ty {
        ty = inner;
    }
    ty
}

/// Whether a comparison with this value may hold; why not, and what to write.
fn compared(ty: &Type, value: &Value) -> Result<(), String> {
    let ty = bare(ty);
    if let Value::Some(inner) = value {
        return compared(ty, inner);
    }
    let hint = match (ty, value) {
        (Type::Other(_), _) | (_, Value::Null) => return Ok(()),
        (Type::Bool, Value::Bool(_))
        | (Type::Integer(_) | Type::Float(_) | Type::Time, Value::Integer(_) | Value::Float(_))
        | (Type::Text | Type::Char | Type::Key, Value::Text(_))
        | (Type::Map(..), Value::Map(_))
        | (Type::List(_) | Type::Set(_) | Type::Tuple(_), Value::List(_) | Value::Bytes(_)) => return Ok(()),
        (Type::Integer(_) | Type::Float(_), Value::Text(text)) if text.parse::<f64>().is_ok() => {
            format!("write `{text}` without quotes")
        }
        (Type::Integer(_) | Type::Float(_), Value::Bool(true)) => {
            "say with what it is to be compared".to_owned()
        }
        (Type::Time, _) => "a time is written without quotes, as 2026-11-21T18:42:51Z".to_owned(),
        (Type::Bool, _) => "compare it with `true` or `false`".to_owned(),
        (Type::Text | Type::Char | Type::Key, _) => {
            format!("texts stand in quotes: {}", Value::from(value.to_string()))
        }
        (Type::List(_) | Type::Set(_) | Type::Map(..), _) => "`has` asks what is in it".to_owned(),
        _ => String::new(),
    };
    Err(joined(&format!("{} is {}", short(value), kind_of(value)), &hint))
}

fn has(ty: &Type, value: &Value) -> Result<(), String> {
    match bare(ty) {
        Type::Other(_) => Ok(()),
        Type::List(inner) | Type::Set(inner) => in_it(compared(inner, value), inner),
        Type::Map(keys, _) => in_it(compared(keys, value), keys),
        Type::Text => Err(joined("has nothing in it", "`contains` asks for a part of a text")),
        _ => Err("has nothing in it: `has` is for sets, lists and keys of maps".to_owned()),
    }
}

fn in_it(fits: Result<(), String>, inner: &Type) -> Result<(), String> {
    fits.map_err(|message| format!("what is in it of type `{inner}`: {message}"))
}

fn text(ty: &Type) -> Result<(), String> {
    match bare(ty) {
        Type::Text | Type::Char | Type::Key | Type::Other(_) => Ok(()),
        Type::List(_) | Type::Set(_) | Type::Map(..) => Err(joined("is no text", "`has` asks what is in it")),
        _ => Err("is no text".to_owned()),
    }
}

fn joined(message: &str, hint: &str) -> String {
    if hint.is_empty() { message.to_owned() } else { format!("{message}; {hint}") }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "true or false",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Text(_) => "a text",
        Value::Bytes(_) => "bytes",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        _ => "another value",
    }
}

fn short(value: &Value) -> String {
    cut(value.to_string())
}

fn cut(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(at);
        text.push('…');
    }
    text
}

/// A condition in a message.
struct Shown<'f>(&'f Filter);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One alone is asked whether it is true.
        match self.0 {
            Filter::Is(path, super::Op::Eq, Value::Bool(true)) => write!(f, "`{}`", cut(path.to_string())),
            filter => write!(f, "`{}`", cut(filter.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: &str = "
        struct Person {
            #[merge(latest)] last: String, #[merge(max)] age: u32, #[merge(latest)] nick: Option<String>,
            #[merge(set)] tags: BTreeSet<String>, #[merge(map(counter))] stock: BTreeMap<String, i64>,
            #[merge(latest)] at: Nanotime, #[merge(latest)] done: bool, #[merge(latest)] mood: Mood,
            #[merge(nested)] home: Option<Place>, #[merge(list(nested))] trips: Vec<Place>,
            #[merge(latest)] #[drone(convert = \"my::seconds\")] wait: u64,
        }
        struct Place { #[drone(id)] #[merge(first)] id: u8, #[merge(latest)] city: String }";

    fn checked(text: &str) -> Result<()> {
        let old = Schema::parse("struct Person { #[merge(latest)] age: String, #[merge(latest)] born: u16 }");
        text.parse::<Query>()?.check(&[Schema::parse(PERSON)?, old?])
    }

    #[test]
    fn what_may_hold_is_taken() {
        for text in [
            "",
            "age >= 18 and age = \"18\" and born < 1990.5",
            "last = null or last.len() > 3 or last in [\"a\", none]",
            "tags has \"tea\" and tags = [\"tea\"] and tags.len() = 1 and tags[0] = \"tea\"",
            "stock[\"a\"] > 1 and stock.b ?? 0 = 0 and stock has \"a\"",
            "home.city = \"Paris\" and trips[0].city starts with \"P\" and home is none",
            "done and not done and mood = \"Calm\" and mood.depth > 1 and wait = \"1 s\"",
            "at > 2026-01-01T00:00:00Z and @committed > 1 and @key contains \"x\" and nick = some(\"a\")",
            "order by home.city, age desc limit 3",
        ] {
            checked(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        let nothing: [Schema; 0] = [];
        assert!("what = 1".parse::<Query>().unwrap().check(&nothing).is_ok());
    }

    #[test]
    fn what_never_holds_is_told_with_its_place() {
        for (text, message) in [
            ("lst = \"a\"", "`lst = \"a\"`: `Person` has no attribute `lst`; it has `age`, `at`,"),
            (
                "age > 1 and home.citty = \"a\"",
                "`home.citty = \"a\"`: `Place` has no attribute `citty`; it has `city`, `id`; did you mean `city`?",
            ),
            ("trips[0].town = \"a\"", "`trips[0].town = \"a\"`: `Place` has no attribute `town`"),
            ("order by hom.city", "`hom.city`: `Person` has no attribute `hom`"),
            (
                "born = \"1990\"",
                "`born = \"1990\"`: `born` is of type `u16`, and \"1990\" is a text; write `1990` without quotes",
            ),
            (
                "last > 7",
                "`last > 7`: `last` is of type `String`, and 7 is a number; texts stand in quotes: \"7\"",
            ),
            (
                "not tags = \"tea\"",
                "`tags = \"tea\"`: `tags` is of type `BTreeSet<String>`, and \"tea\" is a text; `has` asks what is in it",
            ),
            (
                "tags has 7",
                "`tags has 7`: `tags` is of type `BTreeSet<String>`, and what is in it of type `String`: 7 is",
            ),
            (
                "last has \"a\"",
                "`last has \"a\"`: `last` is of type `String`, and has nothing in it; `contains` asks",
            ),
            (
                "tags contains \"a\"",
                "`tags contains \"a\"`: `tags` is of type `BTreeSet<String>`, and is no text; `has` asks",
            ),
            (
                "at > \"2026-01-01T00:00:00Z\"",
                "`at > \"2026-01-01T00:00:00Z\"`: `at` is of type `Nanotime`, and \"2026-01-01T00:00:00Z\" is a text; a time is",
            ),
            (
                "done = 1",
                "`done = 1`: `done` is of type `bool`, and 1 is a number; compare it with `true` or `false`",
            ),
            ("born", "`born`: `born` is of type `u16`, and true is true or false; say with what"),
            ("born in [1, \"2\"]", "`born in [1,\"2\"]`: `born` is of type `u16`"),
            ("stock[7] = 1", "`stock[7] = 1`: 7 is no `String`"),
            ("last.first = 1", "`last.first = 1`: a `String` has no parts, and no \"first\""),
            ("born.len() = 1", "`born.len() = 1`: a `u16` has no length"),
            ("tags.a = 1", "`tags.a = 1`: a `BTreeSet<String>` has numbered places, from 0, and no \"a\""),
        ] {
            let error = checked(text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{text}: {error}");
        }
    }
}
