//! Cells: values as they stand in CSV.
//!
//! | type | cell |
//! |---|---|
//! | texts, characters, keys | as they are |
//! | booleans, numbers | `true`, `-7`, `0.1` |
//! | `Nanotime` | as RFC 3339 |
//! | an option | nothing, or what is in it; a text that is empty or begins with a quote as JSON, so that it is not taken for nothing |
//! | a type of the program's own that is stored as one text | the text, if it cannot be taken for JSON |
//! | everything else | JSON, as lines of JSON have it |

use super::fit::{fitted, word};
use dronestore_core::schema::Type;
use dronestore_core::{Error, ErrorKind, Nanotime, Result, Value};

/// What a cell holds.
pub(super) enum Cell {
    /// Nothing, and that is a value of the type: an empty text, an option.
    Empty(Value),
    /// Nothing, and the type has no such value.
    Nothing,
    Value(Value),
}

/// The cell of a value.
pub(super) fn write(value: &Value, ty: &Type) -> String {
    match (ty, value) {
        (Type::Option(_), Value::Null) => String::new(),
        (Type::Option(inner), value) => {
            let cell = write(value, inner);
            let is_taken = cell.is_empty() || cell.starts_with('"') || matches!(**inner, Type::Option(_));
            if is_taken { json(value) } else { cell }
        }
        (Type::Text | Type::Char | Type::Key, Value::Text(text)) => text.clone(),
        (Type::Bool, Value::Bool(value)) => value.to_string(),
        (Type::Integer(_), Value::Integer(number)) => number.to_string(),
        (Type::Float("f32"), Value::Float(float)) => (*float as f32).to_string(),
        (Type::Float(_), Value::Float(float)) => float.to_string(),
        (Type::Time, Value::Integer(number)) => match number.as_u64() {
            Some(nanos) => Nanotime::from_nanos(nanos).to_string(),
            None => number.to_string(),
        },
        (Type::Other(_), Value::Text(text)) if !text.is_empty() && parse(text).is_none() => text.clone(),
        (_, value) => json(value),
    }
}

/// What a cell holds, by the type of its column.
///
/// # Errors
/// [`InvalidValue`](ErrorKind::InvalidValue) naming the cell and the type.
pub(super) fn read(cell: &str, ty: &Type) -> Result<Cell> {
    if cell.is_empty() {
        return Ok(match ty {
            Type::Text => Cell::Empty(Value::from("")),
            Type::Option(_) => Cell::Empty(Value::Null),
            _ => Cell::Nothing,
        });
    }
    match full(cell, ty) {
        Some(value) => Ok(Cell::Value(value)),
        None => {
            let shown: String = cell.chars().take(60).collect();
            let message = format!("`{}` is no `{ty}`", shown.escape_debug());
            Err(Error::new(ErrorKind::InvalidValue, message))
        }
    }
}

fn full(cell: &str, ty: &Type) -> Option<Value> {
    match ty {
        Type::Text | Type::Char | Type::Key => Some(Value::from(cell)),
        Type::Option(inner) => match &**inner {
            Type::Option(_) => parse(cell).map(|value| fitted(value, ty)),
            Type::Text | Type::Char | Type::Key if cell.starts_with('"') => {
                parse(cell).or_else(|| Some(Value::from(cell)))
            }
            inner => full(cell, inner),
        },
        Type::Bool | Type::Integer(_) | Type::Float(_) | Type::Time => word(cell.trim(), ty),
        Type::Other(_) => parse(cell).or_else(|| Some(Value::from(cell))),
        ty => parse(cell).map(|value| fitted(value, ty)),
    }
}

fn json(value: &Value) -> String {
    value.to_json().to_string()
}

fn parse(cell: &str) -> Option<Value> {
    Value::from_json(&serde_json::from_str(cell).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let text = |text: &str| Value::from(text);
        for (value, ty, cell) in [
            (text(""), "String", ""),
            (text("\"a\", b\nc"), "String", "\"a\", b\nc"),
            (Value::Null, "Option<String>", ""),
            (text(""), "Option<String>", "\"\""),
            (text("\"a"), "Option<String>", r#""\"a""#),
            (text("null"), "Option<String>", "null"),
            (Value::from(7), "Option<u8>", "7"),
            (Value::some(Value::Null), "Option<Option<u8>>", r#"{"$some":null}"#),
            (Value::from(3), "Option<Option<u8>>", "3"),
            (Value::Bool(true), "bool", "true"),
            (Value::from(i128::MIN), "i128", "-170141183460469231731687303715884105728"),
            (Value::Float(f64::INFINITY), "f64", "inf"),
            (Value::Float(f64::from(0.1f32)), "f32", "0.1"),
            (Value::Float(1e300), "f64", &1e300f64.to_string()),
            (Value::from(1_000_000_001), "Nanotime", "1970-01-01T00:00:01.000000001Z"),
            (text("Calm"), "Mood", "Calm"),
            (text("12"), "Mood", "\"12\""),
            (text(""), "Mood", "\"\""),
            (Value::Null, "Mood", "null"),
            (Value::from_iter([("Other", "x")]), "Mood", r#"{"Other":"x"}"#),
            (Value::from_iter([1, 2]), "BTreeSet<u8>", "[1,2]"),
            (Value::Bytes(vec![0, 255]), "Bytes", r#"{"$bytes":"00ff"}"#),
            (text("x"), "char", "x"),
            (text("\""), "Option<char>", r#""\"""#),
        ] {
            let ty = Type::parse(ty);
            assert_eq!(write(&value, &ty), cell, "{value} as {ty}");
            match read(cell, &ty).unwrap() {
                Cell::Value(read) | Cell::Empty(read) => assert_eq!(read, value, "{cell} as {ty}"),
                Cell::Nothing => panic!("{cell} as {ty} reads as nothing"),
            }
        }
        for (cell, ty) in [("x", "u8"), ("1,5", "f64"), ("yes", "bool"), ("[1", "Vec<u8>"), ("NaN", "f64")] {
            let error = read(cell, &Type::parse(ty)).err().map(|error| error.to_string());
            assert_eq!(error.unwrap(), format!("`{cell}` is no `{ty}`"));
        }
        assert!(matches!(read("", &Type::parse("u8")), Ok(Cell::Nothing)));
    }
}
