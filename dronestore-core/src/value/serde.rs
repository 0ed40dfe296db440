//! `Value` in and out of any serde format.

use super::{Integer, Value};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

impl Serialize for Integer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.as_i64(), self.as_u64(), self.as_i128(), self.as_u128()) {
            (Some(number), ..) => serializer.serialize_i64(number),
            (_, Some(number), ..) => serializer.serialize_u64(number),
            (_, _, Some(number), _) => serializer.serialize_i128(number),
            (.., number) => serializer.serialize_u128(number.unwrap_or_default()),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Some(inner) if matches!(**inner, Value::Null | Value::Some(_)) => {
                serializer.serialize_some(inner)
            }
            Value::Some(inner) => Err(S::Error::custom(format_args!(
                "a `Value::Some` holds null or another `Some`, not {inner}; `Value::some` makes the right one"
            ))),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Integer(number) => number.serialize(serializer),
            Value::Float(number) => serializer.serialize_f64(*number),
            Value::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items),
            Value::Map(entries) => serializer.collect_map(entries),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(AnyValue)? {
            Value::Integer(number) => Ok(number),
            other => Err(D::Error::custom(format_args!("expected an integer, found {other}"))),
        }
    }
}

struct AnyValue;

macro_rules! visit {
    ($($method:ident $kind:ty => $make:expr;)*) => {$(
        #[inline]
        fn $method<E>(self, value: $kind) -> Result<Value, E> {
            Ok($make(value))
        }
    )*};
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    visit! {
        visit_bool bool => Value::Bool;
        visit_i64 i64 => Value::from;
        visit_u64 u64 => Value::from;
        visit_i128 i128 => Value::from;
        visit_u128 u128 => Value::from;
        visit_str &str => Value::from;
        visit_string String => Value::Text;
        visit_bytes &[u8] => |bytes: &[u8]| Value::Bytes(bytes.to_vec());
        visit_byte_buf Vec<u8> => Value::Bytes;
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        Value::try_from(number).map_err(E::custom)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer).map(Value::some)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((key, value)) = entries.next_entry::<Value, Value>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format_args!("a map has the key {key} twice")));
            }
            map.insert(key, value);
        }
        Ok(Value::Map(map))
    }
}
