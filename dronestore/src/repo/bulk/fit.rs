//! Values that came as text or plain JSON, as the type of their attribute has them.

use dronestore_core::schema::Type;
use dronestore_core::{Nanotime, Value};

/// A value that came as JSON, as the type has it: whole numbers where it has fractions, sets in their order, times
/// and the keys of maps from their texts. What does not fit stays what it is: the write refuses it.
pub(crate) fn fitted(value: Value, ty: &Type) -> Value {
    match (value, ty) {
        (Value::Integer(number), Type::Float(_)) => match number.to_string().parse::<f64>() {
            Ok(float) => fitted(Value::Float(float), ty),
            Err(_) => Value::Integer(number),
        },
        // What does not fit into fewer digits is rounded, as the program would.
        // Nor does what is beyond the type become infinite.
        (Value::Float(float), Type::Float("f32")) if (float as f32).is_finite() => {
            Value::Float(f64::from(float as f32))
        }
        (Value::Text(text), Type::Time) => time(&text).unwrap_or(Value::Text(text)),
        (Value::Some(value), Type::Option(inner)) => Value::some(fitted(*value, inner)),
        (value, Type::Option(inner)) if !value.is_null() => fitted(value, inner),
        (Value::List(values), Type::List(inner)) => Value::List(each(values, inner)),
        (Value::List(values), Type::Set(inner)) => {
            let mut values = each(values, inner);
            values.sort();
            values.dedup();
            Value::List(values)
        }
        (Value::List(values), Type::Tuple(parts)) if parts.len() == values.len() => {
            Value::List(values.into_iter().zip(parts).map(|(value, part)| fitted(value, part)).collect())
        }
        (Value::Map(entries), Type::Map(key, inner)) => {
            // Keys of JSON are texts, whatever they stand for.
            let key = |name: Value| match name.as_text() {
                Some(text) => word(text, key).unwrap_or(name),
                None => name,
            };
            Value::Map(entries.into_iter().map(|(name, value)| (key(name), fitted(value, inner))).collect())
        }
        (value, _) => value,
    }
}

fn each(values: Vec<Value>, ty: &Type) -> Vec<Value> {
    values.into_iter().map(|value| fitted(value, ty)).collect()
}

/// What a text is as a value of a plain type; `None` where it is none, or the type is not plain.
pub(super) fn word(text: &str, ty: &Type) -> Option<Value> {
    match ty {
        Type::Text | Type::Char => Some(Value::from(text)),
        Type::Key if text.is_empty() || text.starts_with('/') => Some(Value::from(text)),
        Type::Key => Some(Value::from(format!("/{text}"))),
        Type::Bool if text.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
        Type::Bool if text.eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
        Type::Integer(_) => text.parse().ok().map(Value::Integer),
        Type::Float(name) => {
            let float = match *name {
                "f32" => text.parse::<f32>().ok().map(f64::from),
                _ => text.parse::<f64>().ok(),
            };
            // A number that is too large reads as infinite, and is not what was meant.
            let is_meant = |float: &f64| float.is_finite() || !text.bytes().any(|byte| byte.is_ascii_digit());
            float.filter(is_meant).and_then(|float| Value::try_from(float).ok())
        }
        Type::Time => time(text),
        _ => None,
    }
}

/// A time as people write it, or as nanoseconds since 1970.
fn time(text: &str) -> Option<Value> {
    let nanos = text.parse::<u64>().ok().or_else(|| Some(text.parse::<Nanotime>().ok()?.as_nanos()));
    nanos.map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_by_the_type() {
        for (json, ty, shown) in [
            ("3", "f64", "3.0"),
            ("0.1", "f32", "0.10000000149011612"),
            ("[3,1,3]", "BTreeSet<u8>", "[1,3]"),
            (r#"{"1":2}"#, "BTreeMap<u8, f64>", "{1:2.0}"),
            (r#"{"1":2}"#, "BTreeMap<String, f64>", r#"{"1":2.0}"#),
            (r#"[1,[2]]"#, "(f32, Option<Vec<f64>>)", "[1.0,[2.0]]"),
            (r#""2026-11-21T00:00:00Z""#, "Option<Nanotime>", "1795219200000000000"),
            (r#""x""#, "u8", r#""x""#),
            ("null", "Option<u8>", "null"),
        ] {
            let value = Value::from_json(&serde_json::from_str(json).unwrap()).unwrap();
            assert_eq!(fitted(value, &Type::parse(ty)).to_string(), shown, "{json} as {ty}");
        }
    }

    #[test]
    fn words_are_read_by_plain_types_only() {
        for (text, ty, shown) in [
            ("7", "String", Some("\"7\"")),
            ("Note:a", "Key", Some("\"/Note:a\"")),
            ("-7", "i8", Some("-7")),
            ("7.5", "u8", None),
            ("inf", "f64", Some("inf")),
            ("-inf", "f32", Some("-inf")),
            ("1e39", "f32", None),
            ("1e39", "f64", Some("1e39")),
            ("1e400", "f64", None),
            ("NaN", "f64", None),
            ("TRUE", "bool", Some("true")),
            ("1", "bool", None),
            ("1970-01-01T00:00:01Z", "Nanotime", Some("1000000000")),
            ("[]", "Vec<u8>", None),
            ("Calm", "Mood", None),
        ] {
            let value = word(text, &Type::parse(ty)).map(|value| value.to_string());
            assert_eq!(value.as_deref(), shown, "{text} as {ty}");
        }
    }
}
