//! The typed deserializer: from bytes to any type, without a tree in between.

use super::access::{Content, Fields, Items, Name};
use super::fault::mismatch;
use super::head;
use super::strict;
use super::texts::Texts;
use super::token::{self, Token};
use crate::error::{Error, Result};
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Deserializer, Error as _, Unexpected, Visitor};

/// Reads items from the front of `bytes`.
pub(super) struct Decoder<'de> {
    pub(super) bytes: &'de [u8],
    pub(super) at: usize,
    /// How many more levels may be entered.
    room: usize,
    texts: Texts<'de>,
}

impl<'de> Decoder<'de> {
    #[inline]
    pub(super) fn new(bytes: &'de [u8]) -> Self {
        Decoder::with_texts(bytes, Texts::default())
    }

    #[inline]
    pub(super) fn with_texts(bytes: &'de [u8], texts: Texts<'de>) -> Self {
        Decoder { bytes, at: 0, room: head::MAX_DEPTH, texts }
    }

    /// Makes sure that nothing follows.
    #[inline]
    pub(super) fn end(&self) -> Result<()> {
        if self.at == self.bytes.len() {
            return Ok(());
        }
        Err(head::refused(self.at, "bytes follow after the end"))
    }

    /// Runs `inner` one level deeper. Newtypes count too, or a type that holds itself would recurse for ever.
    #[inline]
    pub(super) fn deeper<R>(&mut self, inner: impl FnOnce(&mut Self) -> Result<R>) -> Result<R> {
        self.room = self.room.checked_sub(1).ok_or_else(|| head::too_deep(self.at))?;
        let result = inner(self);
        self.room += 1;
        result
    }

    #[inline]
    fn integer<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let (number, length) = match self.bytes.get(self.at..) {
            Some(&[number @ 0..24, ..]) => (number, 1),
            Some(&[0x18, number @ 24..=255, ..]) => (number, 2),
            _ => return self.other_integer(visitor),
        };
        self.at += length;
        visitor.visit_u64(u64::from(number))
    }

    fn other_integer<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let (token, end) = token::read(self.bytes, self.at)?;
        if let Token::Unsigned(number) = token {
            self.at = end;
            return visitor.visit_u64(number);
        }
        let Some(number) = token.integer() else { return Err(mismatch(token, &visitor)) };
        self.at = end;
        match (number.as_i64(), number.as_i128(), number.as_u128()) {
            (Some(number), ..) => visitor.visit_i64(number),
            (_, Some(number), _) => visitor.visit_i128(number),
            (_, _, Some(number)) => visitor.visit_u128(number),
            _ => Err(mismatch(token, &visitor)),
        }
    }

    fn float<V: Visitor<'de>>(&mut self, visitor: &V) -> Result<f64> {
        match token::read(self.bytes, self.at)? {
            (Token::Float(number), end) => {
                self.at = end;
                Ok(number)
            }
            (token, _) => Err(mismatch(token, visitor)),
        }
    }

    #[inline]
    pub(super) fn text<V: Visitor<'de>>(&mut self, visitor: &V) -> Result<&'de str> {
        match self.short_text() {
            Some(text) => Ok(text),
            None => self.other_text(visitor),
        }
    }

    /// A text with a head of one byte that was checked before: the usual case.
    #[inline]
    fn short_text(&mut self) -> Option<&'de str> {
        let rest = self.bytes.get(self.at..)?;
        let (&first, rest) = rest.split_first()?;
        let length = first.wrapping_sub(head::TEXT << 5);
        let content = rest.get(..usize::from(length)).filter(|_| length < 24)?;
        let text = self.texts.find(content)?;
        self.at += 1 + text.len();
        Some(text)
    }

    #[inline(never)]
    fn other_text<V: Visitor<'de>>(&mut self, visitor: &V) -> Result<&'de str> {
        match token::read(self.bytes, self.at)? {
            (Token::Text(content), end) => {
                let text = match self.texts.find(content) {
                    Some(text) => text,
                    None => std::str::from_utf8(content)
                        .map_err(|cause| head::refused(self.at, "a text is not UTF-8").with_source(cause))?,
                };
                self.at = end;
                Ok(text)
            }
            (token, _) => Err(mismatch(token, visitor)),
        }
    }

    fn null<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match token::read(self.bytes, self.at)? {
            (Token::Null, end) => {
                self.at = end;
                visitor.visit_unit()
            }
            (token, _) => Err(mismatch(token, &visitor)),
        }
    }

    #[inline]
    pub(super) fn list<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match token::read(self.bytes, self.at)? {
            (Token::List(count), end) => {
                self.at = end;
                self.deeper(|decoder| Items::all(decoder, count, visitor))
            }
            (token, _) => Err(mismatch(token, &visitor)),
        }
    }

    #[inline]
    pub(super) fn map<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        match token::read(self.bytes, self.at)? {
            (Token::Map(count), end) => {
                self.at = end;
                self.deeper(|decoder| Fields::all(decoder, count, visitor))
            }
            (token, _) => Err(mismatch(token, &visitor)),
        }
    }
}

macro_rules! forward {
    ($($to:ident: $($method:ident)*;)*) => {$($(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.$to(visitor)
        }
    )*)*};
}

impl<'de> Deserializer<'de> for &mut Decoder<'de> {
    type Error = Error;

    forward! {
        integer: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
            deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128;
        deserialize_str: deserialize_char deserialize_string deserialize_identifier;
        deserialize_bytes: deserialize_byte_buf;
        null: deserialize_unit;
        list: deserialize_seq;
        map: deserialize_map;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match token::read(self.bytes, self.at)?.0 {
            Token::Null => self.null(visitor),
            Token::Some => self.deserialize_option(visitor),
            Token::Bool(_) => self.deserialize_bool(visitor),
            Token::Unsigned(_) | Token::Negative(_) | Token::Big { .. } => self.integer(visitor),
            Token::Float(_) => self.deserialize_f64(visitor),
            Token::Bytes(_) => self.deserialize_bytes(visitor),
            Token::Text(_) => self.deserialize_str(visitor),
            Token::List(_) => self.list(visitor),
            Token::Map(_) => self.map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match token::read(self.bytes, self.at)? {
            (Token::Bool(value), end) => {
                self.at = end;
                visitor.visit_bool(value)
            }
            (token, _) => Err(mismatch(token, &visitor)),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let number = self.float(&visitor)?;
        let single = number as f32;
        if f64::from(single).to_bits() != number.to_bits() {
            return Err(Error::invalid_value(Unexpected::Float(number), &visitor));
        }
        visitor.visit_f32(single)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let number = self.float(&visitor)?;
        visitor.visit_f64(number)
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let text = self.text(&visitor)?;
        visitor.visit_borrowed_str(text)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match token::read(self.bytes, self.at)? {
            (Token::Bytes(content), end) => {
                self.at = end;
                visitor.visit_borrowed_bytes(content)
            }
            (token, _) => Err(mismatch(token, &visitor)),
        }
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.bytes.get(self.at) {
            Some(&head::NULL) => {
                self.at += 1;
                visitor.visit_none()
            }
            Some(&first) if first == head::SOME[0] => self.tagged_some(visitor),
            _ => self.deeper(|decoder| visitor.visit_some(decoder)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value> {
        self.null(visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        self.deeper(|decoder| visitor.visit_newtype_struct(decoder))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.list(visitor)
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match token::read(self.bytes, self.at)? {
            (Token::Map(1), end) => {
                self.at = end;
                self.deeper(|decoder| {
                    let name = decoder.text(&Name)?;
                    visitor.visit_enum(Content { name, decoder }).map_err(|error| error.at(name))
                })
            }
            (Token::Text(_), _) => {
                let name = self.text(&visitor)?;
                visitor.visit_enum(BorrowedStrDeserializer::new(name))
            }
            (token, _) => Err(mismatch(token, &visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.at = strict::skip(self.bytes, self.at)?;
        visitor.visit_unit()
    }
}

impl<'de> Decoder<'de> {
    fn tagged_some<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let (token, end) = token::read(self.bytes, self.at)?;
        if !matches!((token, token::read(self.bytes, end)), (Token::Some, Ok((Token::Null | Token::Some, _))))
        {
            return Err(head::refused(self.at, "a some-tag stands only before null or another some-tag"));
        }
        self.at = end;
        self.deeper(|decoder| visitor.visit_some(decoder))
    }
}
