//! Cursor: a place in an ordered answer, from which another query goes on.

use super::order::{Order, SortKey};
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::value::{self, Value};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A place in an ordered answer: the one behind a certain object.
///
/// It names the object's place and not a number of objects, so that it stays right when others come or go before it, and
/// also when the object itself is gone. As text it is letters and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(SortKey);

/// The longest text of a cursor.
const MOST: usize = 64 << 10;

impl Cursor {
    pub(super) fn behind(place: SortKey) -> Cursor {
        Cursor(place)
    }

    pub(super) fn place(&self) -> &SortKey {
        &self.0
    }

    /// The key of the object that it stands behind.
    pub fn key(&self) -> &Key {
        &self.0.key
    }

    /// The values that the object is ordered by.
    pub fn values(&self) -> &[Value] {
        &self.0.values
    }

    /// Whether a place comes behind it.
    pub fn is_before(&self, place: &SortKey, order: &[Order]) -> bool {
        place.compare(&self.0, order).is_gt()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Cursor> {
        if value::check(bytes)? != bytes.len() {
            return Err(Error::corrupt("bytes follow after a cursor"));
        }
        let (values, kind, key): (Vec<Value>, String, Key) = value::decode(bytes)?;
        Ok(Cursor(SortKey { values, kind, key }))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SortKey { values, kind, key } = &self.0;
        let bytes = value::encode(&(values, kind, key)).map_err(|_| fmt::Error)?;
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = Error;

    /// # Errors
    /// [`InvalidValue`](ErrorKind::InvalidValue) for what is no cursor.
    fn from_str(text: &str) -> Result<Cursor> {
        let refused =
            || Error::new(ErrorKind::InvalidValue, "this is no cursor: take one from an earlier answer");
        if text.len() > MOST || !text.len().is_multiple_of(2) || !text.is_ascii() {
            return Err(refused());
        }
        let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| refused());
        let bytes: Vec<u8> = (0..text.len()).step_by(2).map(byte).collect::<Result<_>>()?;
        Cursor::from_bytes(&bytes).map_err(|cause| refused().with_source(cause))
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Cursor, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}
