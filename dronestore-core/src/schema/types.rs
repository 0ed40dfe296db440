//! Types as they are spelled in a schema: what a value must be like for a program to read it.

use super::SchemaAttribute;
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::value::Value;
use std::fmt;

/// A type by its spelling, as far as std has it; a program's own types are opaque.
///
/// ```
/// use dronestore_core::schema::Type;
/// use dronestore_core::Value;
///
/// let ty = Type::parse("Option<u8>");
/// assert!(ty.check(&Value::from(255)).is_ok() && ty.check(&Value::Null).is_ok());
/// assert_eq!(ty.check(&Value::from(256)).unwrap_err().to_string(), "256 is no `u8`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// `bool`.
    Bool,
    /// A whole number, by its name: `u8`, `i64`.
    Integer(&'static str),
    /// `f32`, `f64`.
    Float(&'static str),
    /// `char`.
    Char,
    /// `String` and its like.
    Text,
    /// `Nanotime`: stored as nanoseconds since 1970.
    Time,
    /// `Key`: stored as its text.
    Key,
    /// `Option<T>`.
    Option(Box<Type>),
    /// `Vec<T>`, `VecDeque<T>`.
    List(Box<Type>),
    /// `BTreeSet<T>`, `HashSet<T>`.
    Set(Box<Type>),
    /// `BTreeMap<K, V>`, `HashMap<K, V>`.
    Map(Box<Type>, Box<Type>),
    /// `(A, B)`.
    Tuple(Vec<Type>),
    /// A program's own type: any value may be one.
    Other(String),
}

/// Deeper than this a type is taken as opaque.
const MAX_DEPTH: usize = 32;

const INTEGERS: [&str; 12] =
    ["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];

impl Type {
    /// The type that is spelled like this; paths in front of names are left away.
    ///
    /// Cost: linear in the text.
    pub fn parse(text: &str) -> Type {
        let text: String = text.chars().filter(|char| !char.is_whitespace()).collect();
        parse(&text, MAX_DEPTH)
    }

    /// Whether a program would read this value as this type.
    ///
    /// # Errors
    /// [`InvalidValue`](ErrorKind::InvalidValue) naming value and type.
    pub fn check(&self, value: &Value) -> Result<()> {
        let each = |ty: &Type, values: &[Value]| values.iter().try_for_each(|value| ty.check(value));
        let fits = match (self, value) {
            (Type::Other(_), _) | (Type::Bool, Value::Bool(_)) | (Type::Text, Value::Text(_)) => true,
            (Type::Float("f32"), Value::Float(float)) if float.is_finite() => (*float as f32).is_finite(),
            (Type::Float(_), Value::Float(float)) => !float.is_nan(),
            (Type::Integer(name), Value::Integer(number)) => fits(name, number),
            (Type::Time, Value::Integer(number)) => number.as_u64().is_some(),
            (Type::Char, Value::Text(text)) => text.chars().count() == 1,
            (Type::Key, Value::Text(text)) => return text.parse::<Key>().map(|_| ()),
            (Type::Option(_), Value::Null) => true,
            (Type::Option(inner), Value::Some(value)) => return inner.check(value),
            (Type::Option(inner), value) => return inner.check(value),
            (Type::List(inner) | Type::Set(inner), Value::List(values)) => return each(inner, values),
            (Type::Map(key, inner), Value::Map(entries)) => {
                return entries.iter().try_for_each(|(name, value)| key.check(name).and(inner.check(value)));
            }
            (Type::Tuple(parts), Value::Null) => parts.is_empty(),
            (Type::Tuple(parts), Value::List(values)) if parts.len() == values.len() => {
                return parts.iter().zip(values).try_for_each(|(part, value)| part.check(value));
            }
            _ => false,
        };
        if fits { Ok(()) } else { Err(self.unfit(&value.to_string())) }
    }

    /// Whether every value of the other type is one of this: what a program that widened a type still reads. A program's own
    /// type takes itself alone.
    ///
    /// Cost: linear in the types.
    pub fn takes(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Integer(wide), Type::Integer(narrow)) => covers(wide, narrow),
            (Type::Float(wide), Type::Float(narrow)) => wide == narrow || *wide == "f64",
            (Type::Text, Type::Char | Type::Key) => true,
            (Type::Option(inner), Type::Option(other)) => inner.takes(other),
            (Type::Option(inner), other) => inner.takes(other),
            (Type::List(inner), Type::List(other)) | (Type::Set(inner), Type::Set(other)) => {
                inner.takes(other)
            }
            (Type::Map(key, inner), Type::Map(other_key, other)) => {
                key.takes(other_key) && inner.takes(other)
            }
            (Type::Tuple(parts), Type::Tuple(others)) => {
                parts.len() == others.len() && parts.iter().zip(others).all(|(part, other)| part.takes(other))
            }
            _ => self == other,
        }
    }

    #[cold]
    pub(crate) fn unfit(&self, value: &str) -> Error {
        Error::new(ErrorKind::InvalidValue, format!("{value} is no `{self}`"))
    }

    /// What the type's `Default` gives; `None` where only the program knows.
    pub fn default_value(&self) -> Option<Value> {
        Some(match self {
            Type::Bool => Value::Bool(false),
            Type::Integer(_) | Type::Time => Value::from(0),
            Type::Float(_) => Value::Float(0.0),
            Type::Char => Value::from('\0'),
            Type::Text => Value::from(""),
            Type::Option(_) => Value::Null,
            Type::List(_) | Type::Set(_) => Value::List(Vec::new()),
            Type::Map(..) => Value::Map(Default::default()),
            Type::Tuple(parts) if parts.is_empty() => Value::Null,
            Type::Tuple(parts) => {
                Value::List(parts.iter().map(Type::default_value).collect::<Option<Vec<_>>>()?)
            }
            Type::Key | Type::Other(_) => return None,
        })
    }

    /// What stands in a list, a set, a map's values or an option.
    pub fn inner(&self) -> Option<&Type> {
        match self {
            Type::Option(inner) | Type::List(inner) | Type::Set(inner) | Type::Map(_, inner) => Some(inner),
            _ => None,
        }
    }

    /// What a map is keyed by.
    pub fn key(&self) -> Option<&Type> {
        if let Type::Map(key, _) = self { Some(key) } else { None }
    }

    /// Whether it is a whole number that does not go below zero.
    pub fn is_unsigned(&self) -> bool {
        matches!(self, Type::Integer(name) if name.starts_with('u'))
    }
}

/// Whether an integer type has all numbers of the other.
fn covers(wide: &str, narrow: &str) -> bool {
    let bits = |name: &str| name[1..].parse::<u32>().unwrap_or(64);
    match (wide.starts_with('u'), narrow.starts_with('u')) {
        (true, false) => false,
        (false, true) => bits(wide) > bits(narrow),
        _ => bits(wide) >= bits(narrow),
    }
}

impl SchemaAttribute {
    /// The attribute's type, by its spelling.
    pub fn ty(&self) -> Type {
        Type::parse(&self.type_text)
    }

    /// What the attribute reads as before it is written; `None` where only the program knows.
    pub fn default_value(&self) -> Option<Value> {
        let ty = self.ty();
        match &self.default {
            None => ty.default_value(),
            Some(text) => literal(text).filter(|value| ty.check(value).is_ok()),
        }
    }
}

/// The value of an expression that is nothing but a literal.
fn literal(text: &str) -> Option<Value> {
    let text = text.trim();
    let plain = [".into()", ".to_owned()", ".to_string()"].iter().find_map(|end| text.strip_suffix(end));
    let text = plain.unwrap_or(text);
    let text = text.strip_prefix("String::from(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    match text {
        "true" | "false" => return Some(Value::Bool(text == "true")),
        "None" => return Some(Value::Null),
        _ => {}
    }
    if text.starts_with('"') {
        return serde_json::from_str::<String>(text).ok().map(Value::from);
    }
    let digits = text.replace('_', "");
    match digits.parse::<i128>() {
        Ok(number) => Some(Value::from(number)),
        Err(_) if digits.contains('.') => Value::try_from(digits.parse::<f64>().ok()?).ok(),
        Err(_) => None,
    }
}

fn fits(name: &str, number: &crate::value::Integer) -> bool {
    let bits: u32 = name[1..].parse().unwrap_or(64);
    match name.starts_with('u') {
        true => number.as_u128().is_some_and(|number| bits == 128 || number < 1 << bits),
        false => number
            .as_i128()
            .is_some_and(|number| bits == 128 || (-(1i128 << (bits - 1))..1 << (bits - 1)).contains(&number)),
    }
}

fn parse(text: &str, room: usize) -> Type {
    let other = || Type::Other(text.to_owned());
    let Some(room) = room.checked_sub(1) else { return other() };
    if let Some(parts) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return Type::Tuple(split(parts).into_iter().map(|part| parse(part, room)).collect());
    }
    let (name, parameters) = match text.split_once('<') {
        Some((name, rest)) => match rest.strip_suffix('>') {
            Some(parameters) => (name, split(parameters)),
            None => return other(),
        },
        None => (text, Vec::new()),
    };
    let name = name.rsplit("::").next().unwrap_or(name);
    let inner = |index: usize| Box::new(parse(parameters[index], room));
    match (name, parameters.len()) {
        ("bool", 0) => Type::Bool,
        ("char", 0) => Type::Char,
        ("String" | "str" | "TextEdit", 0) => Type::Text,
        ("Nanotime", 0) => Type::Time,
        ("Key", 0) => Type::Key,
        ("f32", 0) => Type::Float("f32"),
        ("f64", 0) => Type::Float("f64"),
        ("Box" | "Arc" | "Rc", 1) => *inner(0),
        ("Option", 1) => Type::Option(inner(0)),
        ("Vec" | "VecDeque", 1) => Type::List(inner(0)),
        ("BTreeSet", 1) | ("HashSet", 1 | 2) => Type::Set(inner(0)),
        ("BTreeMap", 2) | ("HashMap", 2 | 3) => Type::Map(inner(0), inner(1)),
        (name, 0) => match INTEGERS.iter().find(|known| **known == name) {
            Some(known) => Type::Integer(known),
            None => other(),
        },
        _ => other(),
    }
}

/// The parts between commas that stand in no bracket.
pub(super) fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (at, char) in text.char_indices() {
        match char {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    // A comma behind the last part separates nothing.
    if !text[start..].is_empty() {
        parts.push(&text[start..]);
    }
    parts
}

/// As it is spelled in Rust, of several spellings the usual one.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("bool"),
            Type::Integer(name) | Type::Float(name) => f.write_str(name),
            Type::Char => f.write_str("char"),
            Type::Text => f.write_str("String"),
            Type::Time => f.write_str("Nanotime"),
            Type::Key => f.write_str("Key"),
            Type::Option(inner) => write!(f, "Option<{inner}>"),
            Type::List(inner) => write!(f, "Vec<{inner}>"),
            Type::Set(inner) => write!(f, "BTreeSet<{inner}>"),
            Type::Map(key, inner) => write!(f, "BTreeMap<{key}, {inner}>"),
            Type::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(Type::to_string).collect();
                write!(f, "({})", parts.join(", "))
            }
            Type::Other(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_come_back() {
        for (text, shown) in [
            ("u32", "u32"),
            ("std::collections::HashMap<String, Vec<(u8, bool)>>", "BTreeMap<String, Vec<(u8, bool)>>"),
            ("Option < Box < str > >", "Option<String>"),
            ("Arc<str>", "String"),
            ("Mood", "Mood"),
            ("HashSet<u8, Fast>", "BTreeSet<u8>"),
            ("Vec<", "Vec<"),
            ("()", "()"),
        ] {
            assert_eq!(Type::parse(text).to_string(), shown);
        }
        let deep = format!("{}u8{}", "Vec<".repeat(100), ">".repeat(100));
        assert!(Type::parse(&deep).to_string().contains("Vec<Vec<"));
    }

    #[test]
    fn a_type_takes_what_it_was_widened_from() {
        let takes = |wide: &str, narrow: &str| Type::parse(wide).takes(&Type::parse(narrow));
        for (wide, narrow) in [
            ("u32", "u8"),
            ("i16", "u8"),
            ("u64", "usize"),
            ("f64", "f32"),
            ("Option<String>", "String"),
            ("Option<i64>", "Option<i8>"),
            ("Vec<f64>", "VecDeque<f32>"),
            ("BTreeMap<String, u16>", "HashMap<char, u8>"),
            ("(u8, Option<u8>)", "(u8, u8)"),
            ("Mood", "Mood"),
        ] {
            assert!(takes(wide, narrow), "{wide} from {narrow}");
            assert!(takes(wide, wide) && (wide == narrow || wide == "u64" || !takes(narrow, wide)), "{wide}");
        }
        for (one, other) in
            [("u8", "i8"), ("u8", "bool"), ("f64", "u8"), ("Vec<u8>", "BTreeSet<u8>"), ("Mood", "u8")]
        {
            assert!(!takes(one, other) && !takes(other, one), "{one} and {other}");
        }
    }

    #[test]
    fn values_fit_or_do_not() {
        let json = |text: &str| Value::from_json(&serde_json::from_str(text).unwrap()).unwrap();
        for (ty, fit, unfit) in [
            ("u8", "255", "256"),
            ("i8", "-128", "-129"),
            ("u64", "0", "-1"),
            ("i128", "-1", "\"1\""),
            ("f64", "1.0", "1"),
            ("f32", "1e38", "1e39"),
            ("char", "\"é\"", "\"ab\""),
            ("Option<u8>", "null", "\"\""),
            ("Vec<bool>", "[true]", "[1]"),
            ("BTreeMap<String, u8>", "{\"a\":1}", "{\"a\":-1}"),
            ("(u8, String)", "[1,\"a\"]", "[1]"),
            ("Key", "\"/Note:a\"", "\"Note:a\""),
        ] {
            assert!(Type::parse(ty).check(&json(fit)).is_ok(), "{fit} is a {ty}");
            assert!(Type::parse(ty).check(&json(unfit)).is_err(), "{unfit} is no {ty}");
        }
    }

    #[test]
    fn literals_are_read_and_expressions_are_not() {
        assert_eq!(literal("\"new\".into()"), Some(Value::from("new")));
        assert_eq!(literal("1_000"), Some(Value::from(1000)));
        assert_eq!(literal("1.5"), Some(Value::Float(1.5)));
        assert_eq!(literal("Mood::Calm"), None);
        assert_eq!(literal("vec![1]"), None);
    }
}
