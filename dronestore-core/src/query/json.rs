//! Values in the JSON of a query: the lossless form, in which nothing turns into something else.

use crate::value::Value;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) fn serialize<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    value.to_json().serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    let json = serde_json::Value::deserialize(deserializer)?;
    Value::from_json(&json).map_err(D::Error::custom)
}

/// A list of values.
pub(super) mod list {
    use super::*;

    pub(in crate::query) fn serialize<S: Serializer>(
        values: &[Value],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(Value::to_json))
    }

    pub(in crate::query) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Value>, D::Error> {
        let json = Vec::<serde_json::Value>::deserialize(deserializer)?;
        json.iter().map(|json| Value::from_json(json).map_err(D::Error::custom)).collect()
    }
}
