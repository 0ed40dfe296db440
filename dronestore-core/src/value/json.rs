//! Values as JSON and back, without loss.

use super::{Integer, MAX_DEPTH, Value};
use crate::error::{Error, ErrorKind, Result};
use serde_json::{Map, Number, Value as Json, json};

/// An object whose only key begins with this is no map but stands for what JSON has no form for.
const ESCAPE: char = '$';

impl Value {
    /// The value as JSON, from which [`Value::from_json`] makes the same value again, also by way of JSON text.
    ///
    /// | value | JSON |
    /// |---|---|
    /// | null, booleans, texts, lists, integers within `i64` or `u64`, finite floats | the same |
    /// | other integers | `{"$integer":"18446744073709551616"}` |
    /// | infinities, and a NaN, which no stored value is | `{"$float":"-inf"}` |
    /// | bytes | `{"$bytes":"00ff"}` |
    /// | `Some` around null or `Some` | `{"$some":null}` |
    /// | maps with text keys | an object |
    /// | other maps, and those whose only key begins with `$` | `{"$map":[[key,value]]}` |
    ///
    /// A float always has a fraction or an exponent, so `1.0` stays a float. JSON text that nests deeper than 128
    /// arrays and objects is more than `serde_json` reads by default; a `$map` takes three of them.
    ///
    /// ```
    /// use dronestore_core::Value;
    /// let value = Value::from_iter([("age", 7), ("$x", 1)]);
    /// assert_eq!(value.to_json().to_string(), r#"{"$x":1,"age":7}"#);
    /// assert_eq!(Value::from_json(&value.to_json())?, value);
    /// # Ok::<(), dronestore_core::Error>(())
    /// ```
    pub fn to_json(&self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Some(inner) => json!({ "$some": inner.to_json() }),
            Value::Bool(value) => Json::Bool(*value),
            Value::Integer(number) => integer(*number),
            Value::Float(number) => Number::from_f64(*number)
                .map_or_else(|| json!({ "$float": number.to_string() }), Json::Number),
            Value::Bytes(bytes) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                json!({ "$bytes": digits })
            }
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => items.iter().map(Value::to_json).collect(),
            Value::Map(entries) => plain(entries).unwrap_or_else(|| {
                let pairs: Json =
                    entries.iter().map(|(key, value)| json!([key.to_json(), value.to_json()])).collect();
                json!({ "$map": pairs })
            }),
        }
    }

    /// The value that JSON stands for, as [`Value::to_json`] writes it; all plain JSON is read as itself.
    ///
    /// JSON text is read by `serde_json` first, which makes a float of an integer beyond 64 bits.
    ///
    /// # Errors
    /// [`InvalidValue`](ErrorKind::InvalidValue) for an object whose only key begins with `$` and that is none of
    /// the forms, and for nesting beyond [`MAX_DEPTH`].
    pub fn from_json(json: &Json) -> Result<Self> {
        read(json, MAX_DEPTH)
    }
}

fn integer(number: Integer) -> Json {
    match (number.as_i64(), number.as_u64()) {
        (Some(number), _) => number.into(),
        (_, Some(number)) => number.into(),
        _ => json!({ "$integer": number.to_string() }),
    }
}

/// The map as an object, if all keys are texts and it cannot be taken for a form.
fn plain(entries: &std::collections::BTreeMap<Value, Value>) -> Option<Json> {
    let object: Map<String, Json> = entries
        .iter()
        .map(|(key, value)| Some((key.as_text()?.to_owned(), value.to_json())))
        .collect::<Option<_>>()?;
    form(&object).is_none().then_some(Json::Object(object))
}

/// The name and content of a form, if the object is one.
fn form(object: &Map<String, Json>) -> Option<(&str, &Json)> {
    let (name, content) = object.iter().next()?;
    (object.len() == 1 && name.starts_with(ESCAPE)).then_some((name, content))
}

fn read(json: &Json, room: usize) -> Result<Value> {
    match json {
        Json::Null => Ok(Value::Null),
        Json::Bool(value) => Ok(Value::Bool(*value)),
        Json::Number(number) => read_number(number),
        Json::String(text) => Ok(Value::Text(text.clone())),
        Json::Array(items) => {
            let room = deeper(room)?;
            items.iter().map(|item| read(item, room)).collect::<Result<_>>().map(Value::List)
        }
        Json::Object(object) => match form(object) {
            Some((name, content)) => read_form(name, content, room),
            None => {
                let room = deeper(room)?;
                let entry =
                    |(key, value): (&String, &Json)| Ok((Value::from(key.as_str()), read(value, room)?));
                object.iter().map(entry).collect::<Result<_>>().map(Value::Map)
            }
        },
    }
}

fn read_number(number: &Number) -> Result<Value> {
    if let Some(number) = number.as_i64() {
        return Ok(number.into());
    }
    match (number.as_u64(), number.as_f64()) {
        (Some(number), _) => Ok(number.into()),
        (_, Some(number)) => Value::try_from(number),
        _ => Err(invalid(format!("{number} is no number of 64 bits"))),
    }
}

fn read_form(name: &str, content: &Json, room: usize) -> Result<Value> {
    let malformed = || invalid(format!("{{\"{name}\":{content}}} is no form of a value"));
    let value = match (name, content) {
        ("$integer", Json::String(digits)) => Some(Value::Integer(digits.parse()?)),
        ("$float", Json::String(text)) => match text.as_str() {
            "inf" => Some(Value::Float(f64::INFINITY)),
            "-inf" => Some(Value::Float(f64::NEG_INFINITY)),
            _ => None,
        },
        ("$bytes", Json::String(digits)) => unhex(digits).map(Value::Bytes),
        ("$some", inner) => match read(inner, deeper(room)?)? {
            inner @ (Value::Null | Value::Some(_)) => Some(Value::some(inner)),
            _ => None,
        },
        ("$map", Json::Array(pairs)) => Some(read_pairs(pairs, deeper(room)?)?),
        _ => None,
    };
    value.ok_or_else(malformed)
}

fn read_pairs(pairs: &[Json], room: usize) -> Result<Value> {
    let mut entries = std::collections::BTreeMap::new();
    for pair in pairs {
        let [key, value] = pair.as_array().map(Vec::as_slice).unwrap_or_default() else {
            return Err(invalid(format!("{pair} is no pair of a key and a value")));
        };
        if entries.insert(read(key, room)?, read(value, room)?).is_some() {
            return Err(invalid(format!("a map has the key {key} twice")));
        }
    }
    Ok(Value::Map(entries))
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|&[high, low]| Some((digit(high)? << 4 | digit(low)?) as u8)).collect()
}

fn deeper(room: usize) -> Result<usize> {
    room.checked_sub(1).ok_or_else(|| invalid(format!("JSON is nested deeper than {MAX_DEPTH} levels")))
}

#[cold]
fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}
