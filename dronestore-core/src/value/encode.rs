//! The serializer: anything serde can describe, straight to canonical bytes.

use super::compound::{Entries, Items};
use super::float::{self, Shortest};
use super::head;
use super::sort;
use crate::error::{Error, ErrorKind, Result};
use serde::ser::{Serialize, SerializeSeq, Serializer};

/// Appends canonical items to a buffer.
pub(super) struct Encoder<'a> {
    pub(super) out: &'a mut Vec<u8>,
    /// How many more levels may be entered.
    room: usize,
    /// Whether a part failed: a `Serialize` that swallows that and goes on leaves half an item behind.
    torn: bool,
}

impl<'a> Encoder<'a> {
    #[inline]
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Encoder { out, room: head::MAX_DEPTH, torn: false }
    }

    /// Writes what stands inside another item.
    #[inline]
    pub(super) fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let result = value.serialize(&mut *self);
        self.torn |= result.is_err();
        result
    }

    /// Writes one whole item.
    #[inline]
    pub(super) fn whole<T: Serialize + ?Sized>(mut self, value: &T) -> Result<()> {
        value.serialize(&mut self)?;
        if self.torn { Err(torn()) } else { Ok(()) }
    }

    /// Enters a list, a map, a `Some` or a newtype: whatever could go on for ever.
    #[inline]
    pub(super) fn enter(&mut self) -> Result<()> {
        self.room = self.room.checked_sub(1).ok_or_else(too_deep)?;
        Ok(())
    }

    #[inline]
    pub(super) fn leave(&mut self, levels: usize) {
        self.room += levels;
    }

    #[inline]
    pub(super) fn string(&mut self, major: u8, content: &[u8]) {
        self.out.reserve(content.len() + 9);
        head::put(self.out, major, content.len() as u64);
        self.out.extend_from_slice(content);
    }

    /// Begins the map of one entry, name to content, that a variant with content is.
    fn variant(&mut self, name: &'static str) -> Result<()> {
        self.enter()?;
        head::put(self.out, head::MAP, 1);
        self.string(head::TEXT, name.as_bytes());
        Ok(())
    }

    fn big(&mut self, negative: bool, magnitude: u128) {
        let Ok(small) = u64::try_from(magnitude) else {
            head::put(self.out, head::TAG, 2 + u64::from(negative));
            let skipped = magnitude.leading_zeros() as usize / 8;
            return self.string(head::BYTES, &magnitude.to_be_bytes()[skipped..]);
        };
        head::put(self.out, if negative { head::NEGATIVE } else { head::UNSIGNED }, small);
    }
}

#[cold]
fn torn() -> Error {
    Error::new(
        ErrorKind::InvalidValue,
        "a part of the value failed to serialize, and its `Serialize` went on",
    )
}

#[cold]
fn too_deep() -> Error {
    Error::new(
        ErrorKind::InvalidValue,
        "a value is nested deeper than 128 levels; keep the parts as objects or under keys of their own",
    )
}

#[cold]
pub(super) fn nan() -> Error {
    Error::new(
        ErrorKind::InvalidValue,
        "NaN has no place in an order and is not stored; use an Option for a number that may be missing",
    )
}

macro_rules! integers {
    ($($method:ident $kind:ident)*) => {$(
        #[inline]
        fn $method(self, number: $kind) -> Result<()> {
            self.serialize_i64(i64::from(number))
        }
    )*};
}

macro_rules! naturals {
    ($($method:ident $kind:ident)*) => {$(
        #[inline]
        fn $method(self, number: $kind) -> Result<()> {
            self.serialize_u64(u64::from(number))
        }
    )*};
}

impl<'a, 'b> Serializer for &'b mut Encoder<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'b, 'a>;
    type SerializeTuple = Items<'b, 'a>;
    type SerializeTupleStruct = Items<'b, 'a>;
    type SerializeTupleVariant = Items<'b, 'a>;
    type SerializeMap = Entries<'b, 'a>;
    type SerializeStruct = Entries<'b, 'a>;
    type SerializeStructVariant = Entries<'b, 'a>;

    integers! { serialize_i8 i8 serialize_i16 i16 serialize_i32 i32 }
    naturals! { serialize_u8 u8 serialize_u16 u16 serialize_u32 u32 }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<()> {
        self.out.push(if value { head::TRUE } else { head::FALSE });
        Ok(())
    }

    #[inline]
    fn serialize_i64(self, number: i64) -> Result<()> {
        match u64::try_from(number) {
            Ok(number) => head::put(self.out, head::UNSIGNED, number),
            Err(_) => head::put(self.out, head::NEGATIVE, !number as u64),
        }
        Ok(())
    }

    #[inline]
    fn serialize_u64(self, number: u64) -> Result<()> {
        head::put(self.out, head::UNSIGNED, number);
        Ok(())
    }

    fn serialize_i128(self, number: i128) -> Result<()> {
        match u128::try_from(number) {
            Ok(magnitude) => self.big(false, magnitude),
            Err(_) => self.big(true, !number as u128),
        }
        Ok(())
    }

    fn serialize_u128(self, number: u128) -> Result<()> {
        self.big(false, number);
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Result<()> {
        self.serialize_f64(f64::from(number))
    }

    fn serialize_f64(self, number: f64) -> Result<()> {
        if number.is_nan() {
            return Err(nan());
        }
        let simple = head::SIMPLE << 5;
        match float::shortest(number) {
            Shortest::Half(bits) => {
                let [high, low] = bits.to_be_bytes();
                self.out.extend_from_slice(&[simple | 25, high, low]);
            }
            Shortest::Single(bits) => {
                self.out.push(simple | 26);
                self.out.extend_from_slice(&bits.to_be_bytes());
            }
            Shortest::Double(bits) => {
                self.out.push(simple | 27);
                self.out.extend_from_slice(&bits.to_be_bytes());
            }
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, text: &str) -> Result<()> {
        self.string(head::TEXT, text.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<()> {
        self.string(head::BYTES, bytes);
        Ok(())
    }

    #[inline]
    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        let start = self.out.len();
        self.enter()?;
        self.part(value)?;
        self.leave(1);
        // Only these two first bytes could be taken for a `None` or for a `Some` less.
        if self.out.get(start).is_some_and(|&first| first == head::NULL || first == head::SOME[0]) {
            self.out.splice(start..start, head::SOME);
        }
        Ok(())
    }

    #[inline]
    fn serialize_unit(self) -> Result<()> {
        self.out.push(head::NULL);
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<()> {
        self.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<()> {
        self.enter()?;
        self.part(value)?;
        self.leave(1);
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.variant(variant)?;
        self.part(value)?;
        self.leave(1);
        Ok(())
    }

    #[inline]
    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'b, 'a>> {
        Items::begin(self, length, 1)
    }

    #[inline]
    fn serialize_tuple(self, length: usize) -> Result<Items<'b, 'a>> {
        Items::begin(self, Some(length), 1)
    }

    fn serialize_tuple_struct(self, _name: &'static str, length: usize) -> Result<Items<'b, 'a>> {
        Items::begin(self, Some(length), 1)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Items<'b, 'a>> {
        self.variant(variant)?;
        Items::begin(self, Some(length), 2)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Entries<'b, 'a>> {
        Entries::begin(self, length, 1)
    }

    #[inline]
    fn serialize_struct(self, _name: &'static str, length: usize) -> Result<Entries<'b, 'a>> {
        Entries::begin(self, Some(length), 1)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Entries<'b, 'a>> {
        self.variant(variant)?;
        Entries::begin(self, Some(length), 2)
    }

    /// Hash sets come in random order, also deep inside other values. Serde does not say "set", but it passes the
    /// collection itself here.
    fn collect_seq<I>(self, items: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        let items = items.into_iter();
        let length = match items.size_hint() {
            (low, Some(high)) if low == high => Some(low),
            _ => None,
        };
        let mut list = Items::begin(self, length, 1)?;
        for item in items {
            list.serialize_element(&item)?;
        }
        if sort::in_random_order(std::any::type_name::<I>()) { list.end_sorted() } else { list.end() }
    }
}
