//! Serde's errors as ours: what was expected, and what was found.

use super::token::Token;
use crate::error::{Error, ErrorKind};
use serde::de::{self, Expected, Unexpected};
use serde::ser;
use std::fmt;

impl ser::Error for Error {
    #[cold]
    fn custom<T: fmt::Display>(message: T) -> Self {
        Error::new(ErrorKind::InvalidValue, message.to_string())
    }
}

impl de::Error for Error {
    #[cold]
    fn custom<T: fmt::Display>(message: T) -> Self {
        Error::new(ErrorKind::InvalidValue, message.to_string())
    }

    #[cold]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        de::Error::custom(format_args!("expected {expected}, found {}", Found(found)))
    }

    #[cold]
    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        de::Error::invalid_type(found, expected)
    }

    #[cold]
    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        de::Error::custom(format_args!("expected {expected}, found {length} items"))
    }
}

/// The error for an item of another type than the one asked for.
#[cold]
pub(super) fn mismatch(token: Token<'_>, expected: &dyn Expected) -> Error {
    let big = token.integer().map(|number| format!("integer {number}"));
    let found = match token {
        Token::Null => Unexpected::Unit,
        Token::Some => Unexpected::Option,
        Token::Bool(value) => Unexpected::Bool(value),
        Token::Float(number) => Unexpected::Float(number),
        Token::Bytes(bytes) => Unexpected::Bytes(bytes),
        Token::Text(text) => std::str::from_utf8(text).map_or(Unexpected::Bytes(text), Unexpected::Str),
        Token::List(_) => Unexpected::Seq,
        Token::Map(_) => Unexpected::Map,
        _ => Unexpected::Other(big.as_deref().unwrap_or("an integer")),
    };
    de::Error::invalid_type(found, expected)
}

/// Texts are shown up to this many characters.
const SHOWN: usize = 40;

struct Found<'a>(Unexpected<'a>);

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Bool(value) => write!(f, "bool {value}"),
            Unexpected::Unsigned(number) => write!(f, "integer {number}"),
            Unexpected::Signed(number) => write!(f, "integer {number}"),
            Unexpected::Float(number) => write!(f, "float {number:?}"),
            Unexpected::Char(character) => write!(f, "text \"{character}\""),
            Unexpected::Str(text) => match text.char_indices().nth(SHOWN) {
                Some((cut, _)) => write!(f, "text {:?}...", &text[..cut]),
                None => write!(f, "text {text:?}"),
            },
            Unexpected::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Unexpected::Unit => f.write_str("null"),
            Unexpected::Option => f.write_str("a some"),
            Unexpected::Seq => f.write_str("a list"),
            Unexpected::Map => f.write_str("a map"),
            other => other.fmt(f),
        }
    }
}
