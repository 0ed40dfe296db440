//! Lists, maps and variants on their way in, item by item.

use super::decode::Decoder;
use super::token::{self, Token};
use crate::error::{Error, Result};
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use std::fmt;

/// The items of a list.
pub(super) struct Items<'a, 'de> {
    decoder: &'a mut Decoder<'de>,
    left: usize,
}

impl<'a, 'de> Items<'a, 'de> {
    /// Hands all items to the visitor; one that leaves some has expected fewer.
    #[inline]
    pub(super) fn all<V: Visitor<'de>>(
        decoder: &'a mut Decoder<'de>,
        count: usize,
        visitor: V,
    ) -> Result<V::Value> {
        let mut items = Items { decoder, left: count };
        let value = visitor.visit_seq(&mut items)?;
        if items.left == 0 { Ok(value) } else { Err(longer("list", count, items.left)) }
    }
}

#[cold]
fn longer(what: &str, count: usize, left: usize) -> Error {
    Error::custom(format_args!("expected a {what} of {}, found {count} items", count - left))
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.decoder).map(Some)
    }

    /// Trustworthy: a count is checked against the bytes that are left.
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The entries of a map.
pub(super) struct Fields<'a, 'de> {
    decoder: &'a mut Decoder<'de>,
    left: usize,
    /// Where the last key began, for errors in its value.
    key: usize,
}

impl<'a, 'de> Fields<'a, 'de> {
    #[inline]
    pub(super) fn all<V: Visitor<'de>>(
        decoder: &'a mut Decoder<'de>,
        count: usize,
        visitor: V,
    ) -> Result<V::Value> {
        let key = decoder.at;
        let mut fields = Fields { decoder, left: count, key };
        let value = visitor.visit_map(&mut fields)?;
        if fields.left == 0 { Ok(value) } else { Err(longer("map", count, fields.left)) }
    }

    /// The same error with the beginning of the entry's key in front, where that is a text.
    #[cold]
    fn locate(&self, error: Error) -> Error {
        match token::read(self.decoder.bytes, self.key) {
            Ok((Token::Text(key), _)) => error.at(String::from_utf8_lossy(&key[..key.len().min(40)])),
            _ => error,
        }
    }
}

impl<'de> MapAccess<'de> for Fields<'_, 'de> {
    type Error = Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.key = self.decoder.at;
        seed.deserialize(&mut *self.decoder).map(Some)
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        seed.deserialize(&mut *self.decoder).map_err(|error| self.locate(error))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// What the name of a variant is expected to be.
pub(super) struct Name;

impl<'de> Visitor<'de> for Name {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a variant")
    }
}

/// A variant with content.
pub(super) struct Content<'a, 'de> {
    pub(super) name: &'de str,
    pub(super) decoder: &'a mut Decoder<'de>,
}

impl<'de> EnumAccess<'de> for Content<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let name: BorrowedStrDeserializer<'de, Error> = BorrowedStrDeserializer::new(self.name);
        Ok((seed.deserialize(name.into_deserializer())?, self))
    }
}

impl<'de> VariantAccess<'de> for Content<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        Err(Error::invalid_type(Unexpected::Map, &"a variant without content" as &dyn Expected))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self.decoder)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value> {
        self.decoder.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.decoder.deserialize_map(visitor)
    }
}
