//! Values as they are typed: a text, by the type that it is for.

use crate::repo::fitted;
use crate::schema::Type;
use crate::{Error, ErrorKind, Nanotime, Result, Value};

/// The value of this type that a word of a command line means. Texts are taken as they are; lists, sets, maps and a
/// program's own types are JSON, of those a single word is itself.
pub(super) fn value(text: &str, ty: &Type) -> Result<Value> {
    let unfit = || Error::new(ErrorKind::InvalidValue, format!("`{}` is no `{ty}`", text.escape_debug()));
    Ok(match ty {
        Type::Text | Type::Char => Value::from(text),
        Type::Bool => Value::Bool(text.parse().map_err(|_| unfit())?),
        Type::Integer(_) => Value::Integer(text.parse().map_err(|_| unfit())?),
        Type::Float(_) => {
            let is_named = text.trim_start_matches(['-', '+']).starts_with(|char: char| char.is_alphabetic());
            let value = fitted(Value::try_from(text.parse::<f64>().map_err(|_| unfit())?)?, ty);
            // Whoever wants what is infinite says so.
            if is_named { value } else { finite(text, value, ty)? }
        }
        Type::Time => match text.parse::<u64>() {
            Ok(nanos) => Value::from(nanos),
            Err(_) => Value::from(text.parse::<Nanotime>()?.as_nanos()),
        },
        Type::Key => Value::from(super::names::key(text)?.to_string()),
        Type::Option(inner) if text == "null" && **inner != Type::Text => Value::Null,
        Type::Option(inner) => Value::some(value(text, inner)?),
        Type::List(_) | Type::Set(_) | Type::Map(..) | Type::Tuple(_) => {
            let hint = || {
                let message = format!(
                    "`{}` is no `{ty}`: give all of it as JSON, or change it by `+=`, `-=` and `name.key=`",
                    text.escape_debug()
                );
                Error::new(ErrorKind::InvalidValue, message)
            };
            json(text, ty).map_err(|error| hint().with_source(error))?
        }
        _ => match json(text, ty) {
            Ok(value) => value,
            // A unit variant, an identifier: what is one word needs no quotes.
            Err(_) if !text.is_empty() && text.chars().all(|char| char.is_alphanumeric() || char == '_') => {
                Value::from(text)
            }
            Err(error) => return Err(unfit().with_source(error)),
        },
    })
}

/// The value of this type that a JSON text is.
pub(super) fn json(text: &str, ty: &Type) -> Result<Value> {
    let not_json = |error| {
        let message = format!("`{}` is not JSON", text.escape_debug());
        Error::new(ErrorKind::InvalidValue, message).with_source(error)
    };
    let json: serde_json::Value = serde_json::from_str(text).map_err(not_json)?;
    let value = Value::from_json(&json)?;
    let was_finite = value.as_float().is_some_and(f64::is_finite);
    let value = fitted(value, ty);
    check_times(&value, ty)?;
    if was_finite { finite(text, value, ty) } else { Ok(value) }
}

/// The value, unless it is infinite or beyond the type: who types digits means neither.
fn finite(text: &str, value: Value, ty: &Type) -> Result<Value> {
    let is_beyond = value.as_float().is_some_and(|float| float.is_infinite() || is_beyond(float, ty));
    if !is_beyond {
        return Ok(value);
    }
    let message = format!("`{}` is more than a `{ty}` holds", text.escape_debug());
    Err(Error::new(ErrorKind::InvalidValue, message))
}

fn is_beyond(float: f64, ty: &Type) -> bool {
    match ty {
        Type::Option(inner) => is_beyond(float, inner),
        ty => matches!(ty, Type::Float(_)) && ty.check(&Value::Float(float)).is_err(),
    }
}

/// Says of a text where a time belongs why it is none.
fn check_times(value: &Value, ty: &Type) -> Result<()> {
    match (value, ty) {
        (Value::Text(text), Type::Time) => text.parse::<Nanotime>().map(|_| ()),
        (Value::List(values), Type::List(inner) | Type::Set(inner)) => {
            values.iter().try_for_each(|value| check_times(value, inner))
        }
        (Value::Map(entries), Type::Map(_, inner)) => {
            entries.values().try_for_each(|value| check_times(value, inner))
        }
        (value, Type::Option(inner)) => check_times(value, inner),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_by_their_type() {
        for (text, ty, shown) in [
            ("milk", "String", "\"milk\""),
            ("7", "String", "\"7\""),
            ("-7", "i8", "-7"),
            ("3", "f64", "3.0"),
            ("0.1", "f32", "0.10000000149011612"),
            ("null", "Option<u8>", "null"),
            ("null", "Option<String>", "\"null\""),
            ("Calm", "Mood", "\"Calm\""),
            ("[3,1,3]", "BTreeSet<u8>", "[1,3]"),
            (r#"{"1":2}"#, "BTreeMap<u8, f64>", "{1:2.0}"),
            ("Note:a", "Key", "\"/Note:a\""),
            ("2026-11-21T00:00:00Z", "Nanotime", "1795219200000000000"),
        ] {
            assert_eq!(value(text, &Type::parse(ty)).unwrap().to_string(), shown, "{text} as {ty}");
        }
        for (text, ty, kind) in [
            ("x", "u8", ErrorKind::InvalidValue),
            ("maybe", "bool", ErrorKind::InvalidValue),
            ("a", "Vec<u8>", ErrorKind::InvalidValue),
            ("a b", "Mood", ErrorKind::InvalidValue),
            ("", "Nanotime", ErrorKind::InvalidTime),
        ] {
            assert_eq!(value(text, &Type::parse(ty)).unwrap_err().kind(), kind, "{text} as {ty}");
        }
    }
}
