//! Values as compact text, nearly JSON, for people and messages.

use super::Value;
use std::fmt::{self, Write};

/// As JSON where JSON has a form; bytes as `h'00ff'`, `Some` as `some(null)`, keys of maps as any value.
///
/// Not for reading back: for that there is [`Value::to_json`].
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Some(inner) => write!(f, "some({inner})"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Integer(number) => write!(f, "{number}"),
            Value::Float(number) => write!(f, "{number:?}"),
            Value::Bytes(bytes) => {
                f.write_str("h'")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_char('\'')
            }
            Value::Text(text) => f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?),
            Value::List(items) => separated(f, ['[', ']'], items, |f, item| write!(f, "{item}")),
            Value::Map(entries) => {
                separated(f, ['{', '}'], entries, |f, (key, value)| write!(f, "{key}:{value}"))
            }
        }
    }
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    [open, close]: [char; 2],
    parts: impl IntoIterator<Item = T>,
    mut show: impl FnMut(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    f.write_char(open)?;
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            f.write_char(',')?;
        }
        show(f, part)?;
    }
    f.write_char(close)
}
