//! Plain values: most are a short text or a natural number, and need not be made to be compared.

use super::{Value, decode, from_value};
use crate::error::Result;
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// A short text or a natural number, seen in its encoding.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a> {
    bytes: &'a [u8],
    seen: Seen<'a>,
}

/// What is there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seen<'a> {
    Natural(u32),
    Text(&'a str),
}

impl<'a> Plain<'a> {
    /// What these bytes encode, if it is such a one, canonical, and all of the bytes.
    #[inline]
    pub(crate) fn of(bytes: &'a [u8]) -> Option<Plain<'a>> {
        let seen = match *bytes {
            [natural @ 0..=0x17] | [0x18, natural @ 0x18..=0xff] => Seen::Natural(natural.into()),
            [0x19, high @ 1..=0xff, low] => Seen::Natural(u16::from_be_bytes([high, low]).into()),
            [0x1a, a, b, c, d] if (a, b) != (0, 0) => Seen::Natural(u32::from_be_bytes([a, b, c, d])),
            [head @ 0x60..=0x77, ref text @ ..] if text.len() == usize::from(head - 0x60) => {
                Seen::text(text)?
            }
            [0x78, length @ 0x18..=0xff, ref text @ ..] if text.len() == usize::from(length) => {
                Seen::text(text)?
            }
            _ => return None,
        };
        Some(Plain { bytes, seen })
    }

    #[inline]
    pub(crate) fn seen(self) -> Seen<'a> {
        self.seen
    }
}

impl<'a> Seen<'a> {
    fn text(bytes: &'a [u8]) -> Option<Seen<'a>> {
        std::str::from_utf8(bytes).ok().map(Seen::Text)
    }
}

impl From<Plain<'_>> for Value {
    #[inline]
    fn from(plain: Plain<'_>) -> Value {
        match plain.seen {
            Seen::Natural(number) => Value::from(u64::from(number)),
            Seen::Text(text) => Value::from(text),
        }
    }
}

/// A value that was read: where it is plain, as it stands in what was read.
#[derive(Debug, Clone)]
pub enum Cell<'a> {
    /// As it stands there.
    Plain(Plain<'a>),
    /// Another one.
    Value(Value),
}

impl Cell<'_> {
    /// The value. Cost: a copy of a text.
    pub fn to_value(&self) -> Cow<'_, Value> {
        match self {
            Cell::Plain(plain) => Cow::Owned(Value::from(*plain)),
            Cell::Value(value) => Cow::Borrowed(value),
        }
    }

    /// As a type of one's own.
    ///
    /// # Errors
    /// As [`from_value`].
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        match self {
            Cell::Plain(plain) => decode(plain.bytes),
            Cell::Value(value) => from_value(value),
        }
    }
}

impl From<Value> for Cell<'_> {
    fn from(value: Value) -> Self {
        Cell::Value(value)
    }
}
