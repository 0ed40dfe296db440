//! Lists and maps on their way out: counted, and map entries put in order where they are not.

use super::encode::Encoder;
use super::head;
use super::sort;
use crate::error::{Error, ErrorKind, Result};
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use std::ops::Range;

/// The head of a list or map whose count may turn out to be another.
struct Counted {
    major: u8,
    start: usize,
    claimed: usize,
    count: usize,
    /// How many levels were entered for it.
    levels: usize,
}

impl Counted {
    #[inline]
    fn begin(encoder: &mut Encoder<'_>, major: u8, length: Option<usize>, levels: usize) -> Result<Self> {
        encoder.enter()?;
        let (start, claimed) = (encoder.out.len(), length.unwrap_or(0));
        head::put(encoder.out, major, claimed as u64);
        Ok(Counted { major, start, claimed, count: 0, levels })
    }

    #[inline]
    fn end(&self, encoder: &mut Encoder<'_>) {
        encoder.leave(self.levels);
        if self.count != self.claimed {
            head::replace(encoder.out, self.start, self.major, self.claimed as u64, self.count as u64);
        }
    }
}

/// A list that is being written.
pub(super) struct Items<'b, 'a> {
    encoder: &'b mut Encoder<'a>,
    head: Counted,
    body: usize,
}

impl<'b, 'a> Items<'b, 'a> {
    #[inline]
    pub(super) fn begin(encoder: &'b mut Encoder<'a>, length: Option<usize>, levels: usize) -> Result<Self> {
        let head = Counted::begin(encoder, head::LIST, length, levels)?;
        let body = encoder.out.len();
        Ok(Items { encoder, head, body })
    }

    pub(super) fn end_sorted(self) -> Result<()> {
        sort::items(self.encoder.out, self.body)?;
        SerializeSeq::end(self)
    }
}

impl SerializeSeq for Items<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.head.count += 1;
        self.encoder.part(value)
    }

    #[inline]
    fn end(self) -> Result<()> {
        self.head.end(self.encoder);
        Ok(())
    }
}

macro_rules! as_list {
    ($($name:ident $method:ident)*) => {$(
        impl $name for Items<'_, '_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                SerializeSeq::serialize_element(self, value)
            }

            #[inline]
            fn end(self) -> Result<()> {
                SerializeSeq::end(self)
            }
        }
    )*};
}

as_list! {
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

/// A map that is being written.
pub(super) struct Entries<'b, 'a> {
    encoder: &'b mut Encoder<'a>,
    head: Counted,
    body: usize,
    /// The key written last, while keys came in order; so a map in order costs no allocation.
    last: Range<usize>,
    sorted: bool,
    /// Whether a key was written whose value was not.
    open: bool,
}

impl<'b, 'a> Entries<'b, 'a> {
    #[inline]
    pub(super) fn begin(encoder: &'b mut Encoder<'a>, length: Option<usize>, levels: usize) -> Result<Self> {
        let head = Counted::begin(encoder, head::MAP, length, levels)?;
        let body = encoder.out.len();
        Ok(Entries { encoder, head, body, last: body..body, sorted: true, open: false })
    }

    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        let start = self.encoder.out.len();
        self.encoder.string(head::TEXT, name.as_bytes());
        self.keyed(start);
        self.encoder.part(value).map_err(|error| error.at(name))
    }

    /// Takes note of the key that was just written.
    #[inline]
    fn keyed(&mut self, start: usize) {
        self.head.count += 1;
        let out = &self.encoder.out;
        // Equal keys count as out of order: sorting finds and refuses them.
        self.sorted = self.sorted && out[start..] > out[self.last.clone()];
        self.last = start..out.len();
    }

    /// Keys and values take turns, or what is written would be no map.
    #[inline]
    fn turn(&mut self, open: bool) -> Result<()> {
        if self.open != open {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                "a map was written with a key or a value that has no other half",
            ));
        }
        self.open = !open;
        Ok(())
    }

    #[inline]
    fn close(self) -> Result<()> {
        if !self.sorted {
            sort::entries(self.encoder.out, self.body, self.head.count)?;
        }
        self.head.end(self.encoder);
        Ok(())
    }
}

impl SerializeMap for Entries<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.turn(false)?;
        let start = self.encoder.out.len();
        self.encoder.part(key)?;
        self.keyed(start);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.turn(true)?;
        self.encoder.part(value)
    }

    fn end(mut self) -> Result<()> {
        self.turn(false)?;
        self.close()
    }
}

macro_rules! as_map {
    ($($name:ident)*) => {$(
        impl $name for Entries<'_, '_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
                self.field(name, value)
            }

            #[inline]
            fn end(self) -> Result<()> {
                self.close()
            }
        }
    )*};
}

as_map! { SerializeStruct SerializeStructVariant }
