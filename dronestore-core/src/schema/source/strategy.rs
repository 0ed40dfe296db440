//! What stands in `#[merge(…)]`, as a schema says it.

use super::invalid;
use super::scan::{end_of, split};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{Type, forms};
use crate::strategy::{Clamp, Declared};
use crate::value::Value;

/// A strategy with its parameters.
pub(super) struct Strategy {
    /// As a form displays.
    pub(super) form: String,
    pub(super) declared: Option<Declared>,
}

/// Deeper than this strategies do not stand in one another.
const MAX_DEPTH: usize = 16;

impl Strategy {
    /// The strategy that is written like this on a field of this type.
    pub(super) fn read(text: &str, ty: &Type) -> Result<Strategy> {
        read(text, ty, MAX_DEPTH)
    }
}

fn read(text: &str, ty: &Type, room: usize) -> Result<Strategy> {
    let text = text.trim();
    let room = room.checked_sub(1).ok_or_else(|| invalid("strategies stand too deep in one another"))?;
    let (word, inside) = call(text);
    let (form, declared) = match (word, inside) {
        ("map", Some(inside)) => {
            let inner = read(inside, ty.inner().unwrap_or(ty), room)?;
            (format!("map({})", inner.form), inner.declared)
        }
        ("nested", None) if matches!(ty, Type::Option(_)) => ("option(nested)".to_owned(), None),
        ("rank" | "first_non_empty" | "max_by" | "min_by" | "any_of", _) => {
            ("declared".to_owned(), Some(declared(text, room)?))
        }
        ("clamp", Some(inside)) => {
            let clamp = clamp(inside, room)?;
            let form = match clamp.of.to_value().as_text() {
                Some(word @ ("latest" | "max" | "min" | "counter")) => word.to_owned(),
                _ => "declared".to_owned(),
            };
            (form, Some(Declared::Clamp(Box::new(clamp))))
        }
        (word, None) if word.starts_with("with ") || word.starts_with("with=") => {
            let message = "`with` is the program's own code, and no data; leave the field out";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        (word, None) => (word.to_owned(), None),
        (word, Some(inside)) => (format!("{word}({})", inside.trim()), None),
    };
    forms::parse(&form)?;
    Ok(Strategy { form, declared })
}

/// The word, and what stands in the parentheses behind it.
fn call(text: &str) -> (&str, Option<&str>) {
    match text.split_once('(').and_then(|(word, rest)| Some((word, rest.strip_suffix(')')?))) {
        Some((word, inside)) => (word.trim(), Some(inside)),
        None => (text, None),
    }
}

fn declared(text: &str, room: usize) -> Result<Declared> {
    let text = text.trim();
    let room = room.checked_sub(1).ok_or_else(|| invalid("strategies stand too deep in one another"))?;
    let path = |inside: &str| inside.trim().trim_matches('"').split('.').map(str::to_owned).collect();
    Ok(match call(text) {
        ("latest", None) => Declared::Latest,
        ("first", None) => Declared::First,
        ("max", None) => Declared::Max,
        ("min", None) => Declared::Min,
        ("counter", None) => Declared::Counter,
        ("first_non_empty", None) => Declared::FirstNonEmpty,
        ("rank", Some(inside)) => {
            Declared::Rank(split(inside, ',').into_iter().map(value).collect::<Result<_>>()?)
        }
        ("max_by", Some(inside)) => Declared::MaxBy(path(inside)),
        ("min_by", Some(inside)) => Declared::MinBy(path(inside)),
        ("any_of", Some(inside)) => {
            let rules = split(inside, ',').into_iter().map(|rule| declared(rule, room));
            Declared::AnyOf(rules.collect::<Result<_>>()?)
        }
        _ => return Err(invalid(format!("`{}` is no strategy that is known here", text.escape_debug()))),
    })
}

fn clamp(inside: &str, room: usize) -> Result<Clamp> {
    let unfit =
        || invalid(format!("`clamp({})` is to be like `clamp(0..=100, latest)`", inside.escape_debug()));
    let end = end_of(inside, &[',']);
    let of = inside.get(end + 1..).ok_or_else(unfit)?;
    let (least, most) = inside[..end].split_once("..").ok_or_else(unfit)?;
    let bound = |text: &str| match text.trim() {
        "" => Ok(None),
        text => value(text).map(Some),
    };
    let most = most.trim();
    let most = match most.strip_prefix('=') {
        Some(most) => bound(most)?,
        None if most.is_empty() => None,
        None => return Err(unfit()),
    };
    Ok(Clamp { least: bound(least)?, most, of: declared(of, room)? })
}

/// A literal, or the name of a unit variant.
fn value(text: &str) -> Result<Value> {
    let text = text.trim();
    match serde_json::from_str(text) {
        Ok(json) => Value::from_json(&json),
        Err(_) => {
            let name = text.rsplit("::").next().unwrap_or(text);
            match name.chars().all(super::scan::is_in_word) && !name.is_empty() {
                true => Ok(Value::from(name)),
                false => Err(invalid(format!("`{}` is no value", text.escape_debug()))),
            }
        }
    }
}
