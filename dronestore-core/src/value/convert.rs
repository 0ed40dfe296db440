//! Values from Rust's types, and the parts of a value.

use super::{Integer, Value};
use crate::error::{Error, Result};
use std::collections::BTreeMap;

impl Value {
    /// What `Some(value)` is: a [`Value::Some`] around null and around another `Some`, else the value itself.
    ///
    /// ```
    /// use dronestore_core::Value;
    /// assert_eq!(Value::some(Value::from(1)), Value::from(1));
    /// assert_ne!(Value::some(Value::Null), Value::Null);
    /// ```
    #[must_use]
    pub fn some(value: Value) -> Value {
        match value {
            Value::Null | Value::Some(_) => Value::Some(Box::new(value)),
            _ => value,
        }
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(value) = self { Some(*value) } else { None }
    }

    /// The integer, if this is one.
    pub fn as_integer(&self) -> Option<Integer> {
        if let Value::Integer(number) = self { Some(*number) } else { None }
    }

    /// The integer as `i64`, if this is one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_integer()?.as_i64()
    }

    /// The integer as `u64`, if this is one and fits.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_integer()?.as_u64()
    }

    /// The float, if this is one; integers are none.
    pub fn as_float(&self) -> Option<f64> {
        if let Value::Float(number) = self { Some(*number) } else { None }
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// The bytes, if this is a byte string.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The items, if this is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Value::List(items) = self { Some(items) } else { None }
    }

    /// The entries, if this is a map.
    pub fn as_map(&self) -> Option<&BTreeMap<Value, Value>> {
        if let Value::Map(entries) = self { Some(entries) } else { None }
    }

    /// What stands under a text key, if this is a map that has it.
    ///
    /// Cost: logarithmic, and one copy of the name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_map()?.get(&Value::from(name))
    }
}

macro_rules! from {
    ($($kind:ty => $make:expr;)*) => {$(
        impl From<$kind> for Value {
            #[inline]
            fn from(value: $kind) -> Self {
                $make(value)
            }
        }
    )*};
}

macro_rules! from_integers {
    ($($kind:ident)*) => {$(
        impl From<$kind> for Value {
            #[inline]
            fn from(number: $kind) -> Self {
                Value::Integer(number.into())
            }
        }
    )*};
}

// There is no `From<Vec<u8>>`: serde makes a list of it, and a silent byte string would be another value.
from! {
    bool => Value::Bool;
    Integer => Value::Integer;
    String => Value::Text;
    &str => |text: &str| Value::Text(text.to_owned());
    char => |character: char| Value::Text(character.to_string());
    Vec<Value> => Value::List;
    BTreeMap<Value, Value> => Value::Map;
    () => |()| Value::Null;
}

from_integers! { i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize }

impl TryFrom<f64> for Value {
    type Error = Error;

    /// Refuses a NaN.
    fn try_from(number: f64) -> Result<Self> {
        if number.is_nan() { Err(super::encode::nan()) } else { Ok(Value::Float(number)) }
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(option: Option<T>) -> Self {
        option.map_or(Value::Null, |value| Value::some(value.into()))
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    /// A list.
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Value {
    /// A map; of entries with one key the last stays.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}
