//! Values: anything serde can describe, in one total order and one encoding.
//!
//! A value's encoding is CBOR under the deterministic rules of RFC 8949, section 4.2.1: shortest heads, definite
//! lengths, map entries sorted bytewise by their encoded keys, no duplicate keys, the shortest float that keeps the
//! value. Equal values have equal bytes, so bytes can be compared and hashed in place of values.
//!
//! It is written here and not taken from a library because none that we found decodes strictly without turning
//! whole floats into integers, and `1` and `1.0` are two values.
//!
//! What serde's types become:
//!
//! | Rust | value |
//! |---|---|
//! | `()`, unit struct, `None` | null |
//! | `Some(x)` | `x`; where `x` begins with null or a some-tag, the tag [`SOME_TAG`] around it |
//! | integers, `bool`, `f32`, `f64` | themselves; a NaN is refused, `-0.0` and `0.0` are two values |
//! | `String`, `&str`, `char` | text |
//! | `serde_bytes`, `serialize_bytes` | bytes; a plain `Vec<u8>` is a list |
//! | sequences, tuples, tuple structs | list |
//! | `HashSet` | list, sorted, as a `BTreeSet` writes it |
//! | maps, structs | map |
//! | newtype struct | its content |
//! | unit variant | text; any other variant is a map of one entry, name to content |
//!
//! Formats that ask are told that this one is human readable: addresses and identifiers are then texts, which tools
//! can show, and which survive `#[serde(flatten)]` and `#[serde(untagged)]`.
//!
//! Nesting is limited to [`MAX_DEPTH`] levels, both ways.

mod access;
mod cbor;
mod compound;
mod convert;
mod decode;
mod display;
mod encode;
mod fault;
mod float;
mod head;
mod integer;
mod json;
mod order;
mod plain;
mod serde;
mod sort;
mod strict;
#[cfg(test)]
mod tests;
mod texts;
mod token;

pub(crate) use cbor::decode_first;
pub use cbor::{decode, decode_borrowed, encode, encode_into, from_value, to_value};
pub use head::{MAX_DEPTH, SOME_TAG};
pub use integer::Integer;
pub use order::compare;
pub(crate) use plain::Seen;
pub use plain::{Cell, Plain};
pub use strict::{check, item_len};
pub(crate) use texts::Texts;

use std::collections::BTreeMap;

/// Any value that can be stored, without its Rust type.
///
/// The order is total: null, then `Some`s, booleans, integers, floats, bytes, texts, lists, maps; lists and maps
/// lexicographic, floats as [`f64::total_cmp`] has it. It agrees with Rust's order of integers, `bool`, `char`,
/// `String`, floats, `Option`, tuples, arrays, `Vec`, `BTreeSet` and `BTreeMap`; not with the derived order of enums
/// and structs, which is that of their declaration.
///
/// ```
/// use dronestore_core::Value;
/// let value = dronestore_core::value::to_value(&("a", 1, 1.0, None::<u8>))?;
/// assert_eq!(value.to_string(), r#"["a",1,1.0,null]"#);
/// assert_eq!(Value::from_bytes(&value.to_bytes()?)?, value);
/// assert!(Value::from(1) < Value::from(2) && Value::from(2) < Value::from("1"));
/// # Ok::<(), dronestore_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// Nothing: `None`, `()`.
    #[default]
    Null,
    /// A `Some` around [`Null`](Value::Null) or around another `Some`; elsewhere `Some(x)` is `x` itself.
    ///
    /// Around anything else it cannot be encoded; [`Value::some`] never makes such a one.
    Some(Box<Value>),
    /// True or false.
    Bool(bool),
    /// A whole number; never equal to a float.
    Integer(Integer),
    /// A floating point number. A NaN cannot be encoded.
    Float(f64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text.
    Text(String),
    /// Values in an order of their own.
    List(Vec<Value>),
    /// Values by key, each key once.
    Map(BTreeMap<Value, Value>),
}
