//! The fields of one drone, at the root of a version or nested in another.

use super::Attribute;
use crate::bytes::{Reader, put_slice};
use crate::causal::place::{Field, Fields};
use crate::error::{Error, Result};
use crate::strategy::latest_object::{ReadObject, WriteObject};
use crate::strategy::{Pen, ReadPlace, Scene, Table, WritePlace};
use crate::value;
use crate::version::{Changed, ChangedList, RootFields, Shape, ShapeBuilder};
use serde::Serialize;
use std::cmp::Ordering;

/// The attributes of a version or of a nested drone, one after the other.
#[derive(Debug)]
pub(crate) enum Cursor<'a> {
    None,
    /// Just the attributes of the model, so many of them left, in its order: nothing need be looked for.
    Just(Reader<'a>, usize),
    Root(RootFields<'a>),
    Nested(Fields<'a>),
}

/// A cursor that stands before its next attribute.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    cursor: Cursor<'a>,
    next: Option<Field<'a>>,
}

impl<'a> Walk<'a> {
    /// A walk over nothing.
    pub(crate) const NONE: Walk<'static> = Walk { cursor: Cursor::None, next: None };

    /// A walk over the attributes of a version.
    #[inline]
    pub(crate) fn root(shape: &'a Shape, bytes: &'a [u8], attributes: &'static [Attribute]) -> Result<Self> {
        match shape.is_just(attributes, Attribute::head) {
            true => Ok(Walk { cursor: Cursor::Just(Reader::new(bytes), attributes.len()), next: None }),
            false => Walk::new(Cursor::Root(shape.fields(bytes))),
        }
    }

    fn new(cursor: Cursor<'a>) -> Result<Walk<'a>> {
        let mut walk = Walk { cursor, next: None };
        walk.advance()?;
        Ok(walk)
    }

    pub(crate) fn nested(body: &'a [u8]) -> Result<Walk<'a>> {
        if body.is_empty() { Ok(Walk::NONE) } else { Walk::new(Cursor::Nested(Fields::new(body)?)) }
    }

    fn advance(&mut self) -> Result<()> {
        self.next = match &mut self.cursor {
            Cursor::None | Cursor::Just(..) => None,
            Cursor::Root(fields) => fields.next()?,
            Cursor::Nested(fields) => fields.next()?,
        };
        Ok(())
    }

    /// The body of this attribute, no bytes where it is not there; `skipped` gets those that come before it.
    #[inline]
    fn seek(
        &mut self,
        attribute: &Attribute,
        skipped: impl FnMut(&Field<'a>) -> Result<()>,
    ) -> Result<&'a [u8]> {
        match &mut self.cursor {
            Cursor::Just(bodies, left) => {
                *left = left.saturating_sub(1);
                let body = bodies.slice()?;
                if *left == 0 && !bodies.is_empty() { Err(RootFields::too_many()) } else { Ok(body) }
            }
            _ => self.look_for(attribute, skipped),
        }
    }

    fn look_for(
        &mut self,
        attribute: &Attribute,
        mut skipped: impl FnMut(&Field<'a>) -> Result<()>,
    ) -> Result<&'a [u8]> {
        while let Some(field) = self.next {
            match field
                .name
                .cmp(attribute.name)
                .then_with(|| field.form.as_bytes().cmp(attribute.field.form()))
            {
                Ordering::Greater => break,
                Ordering::Equal => {
                    self.advance()?;
                    return Ok(field.body);
                }
                Ordering::Less => {
                    self.advance()?;
                    skipped(&field)?;
                }
            }
        }
        Ok(&[])
    }
}

/// Reads the fields of one drone, in the order of its attributes.
#[derive(Debug)]
pub struct FieldsReader<'a> {
    walk: Walk<'a>,
    table: &'a Table<'a>,
    attributes: &'static [Attribute],
}

impl<'a> FieldsReader<'a> {
    pub(crate) fn new(walk: Walk<'a>, table: &'a Table<'a>, attributes: &'static [Attribute]) -> Self {
        FieldsReader { walk, table, attributes }
    }

    /// Reads the attribute at this position.
    ///
    /// # Errors
    /// What `read` gives, with the attribute's name in front.
    #[inline]
    pub fn field<R>(&mut self, index: usize, read: impl FnOnce(ReadPlace<'_>) -> Result<R>) -> Result<R> {
        let attribute = &self.attributes[index];
        let place = ReadPlace { body: self.walk.seek(attribute, |_| Ok(()))?, table: self.table };
        read(place).map_err(|error| in_attribute(error, attribute))
    }

    /// Reads the `latest_object` group at this position.
    ///
    /// # Errors
    /// What `read` gives.
    pub fn object<R>(&mut self, index: usize, read: impl FnOnce(&ReadObject<'_>) -> Result<R>) -> Result<R> {
        self.field(index, |place| read(&ReadObject::new(place)?))
    }
}

/// Where the attributes of a drone are listed as they are written.
#[derive(Debug)]
pub(crate) enum Sink<'w> {
    /// In the version's shape, with a list of what changed.
    Root { shape: &'w mut ShapeBuilder, changed: &'w mut ChangedList },
    /// Right there, each with its name and form.
    Nested,
}

/// Writes the fields of one drone, in the order of its attributes; keeps those that it does not know.
#[derive(Debug)]
pub struct FieldsWriter<'w> {
    scene: &'w Scene<'w>,
    pen: &'w mut Pen,
    /// What the writer had loaded, where it is not the head itself.
    base: Option<Walk<'w>>,
    head: Walk<'w>,
    attributes: &'static [Attribute],
    /// Whether the shape is expected to be just the attributes of the model.
    same: bool,
    sink: Sink<'w>,
}

impl<'w> FieldsWriter<'w> {
    pub(crate) fn new(
        (scene, pen): (&'w Scene<'w>, &'w mut Pen),
        base: Option<Walk<'w>>,
        head: Walk<'w>,
        attributes: &'static [Attribute],
        sink: Sink<'w>,
    ) -> Self {
        let same = match &sink {
            Sink::Root { shape, .. } => shape.is_like(attributes, Attribute::head),
            Sink::Nested => false,
        };
        FieldsWriter { scene, pen, base, head, attributes, same, sink }
    }

    /// Writes the attribute at this position.
    ///
    /// # Errors
    /// What `write` gives, with the attribute's name in front.
    pub fn field(
        &mut self,
        index: usize,
        write: impl FnOnce(&mut WritePlace<'_>) -> Result<()>,
    ) -> Result<()> {
        let attribute: &'static Attribute = &self.attributes[index];
        let mut unknown = Vec::new();
        let head = self.head.seek(attribute, |field| {
            unknown.push(*field);
            Ok(())
        })?;
        for field in unknown {
            self.keep(&field)?;
        }
        let base = match &mut self.base {
            Some(base) => base.seek(attribute, |_| Ok(()))?,
            None => head,
        };
        let before = std::mem::replace(&mut self.pen.changed, false);
        let notes = self.pen.notes.len();
        let place = self.same.then_some(index);
        let size = self
            .put(attribute.head(), place, base, head, write)
            .map_err(|error| in_attribute(error, attribute))?;
        if self.pen.notes.len() > notes {
            for note in &mut self.pen.notes[notes..] {
                *note = format!("`{}`: {note}", attribute.name);
            }
        }
        if self.pen.changed
            && let Sink::Root { changed, .. } = &mut self.sink
        {
            let end = self.pen.out.len();
            let (name, form) = (attribute.name, attribute.field.form());
            changed.push(Changed { name, form, body: end - size..end });
        }
        self.pen.changed |= before;
        Ok(())
    }

    /// Writes the `latest_object` group at this position.
    ///
    /// # Errors
    /// What `write` gives.
    pub fn object(
        &mut self,
        index: usize,
        write: impl FnOnce(&mut WriteObject<'_>) -> Result<()>,
    ) -> Result<()> {
        self.field(index, |place| {
            let mut object = WriteObject::new(ReadObject::new(place.loaded())?);
            write(&mut object)?;
            object.finish(place)
        })
    }

    /// Notes a required field that is empty: null, an empty text or empty bytes. 0, false, [] and {} are not.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) where the value cannot be encoded.
    pub fn require<T: Serialize>(&mut self, name: &'static str, value: &T) -> Result<()> {
        const EMPTY: [&[u8]; 3] = [&[0xf6], &[0x60], &[0x40]];
        if EMPTY.contains(&value::encode(value)?.as_slice()) {
            self.pen.missing.push(name);
        }
        Ok(())
    }

    /// Writes what comes after the last attribute that this model knows.
    pub(crate) fn finish(mut self) -> Result<()> {
        while let Some(field) = self.head.next {
            self.keep(&field)?;
            self.head.advance()?;
        }
        Ok(())
    }

    fn keep(&mut self, field: &Field<'w>) -> Result<()> {
        let form = field.form;
        let head = (field.name, form.as_bytes());
        self.put(head, None, &[], field.body, |place| place.keep(form.structure()))?;
        Ok(())
    }

    /// Writes one attribute with its head, and leaves it out where nothing stands there; gives its body's size.
    /// `same` is its position in a shape that is expected to be the result's.
    #[inline]
    fn put(
        &mut self,
        (name, form): (&str, &[u8]),
        same: Option<usize>,
        base: &[u8],
        head: &[u8],
        write: impl FnOnce(&mut WritePlace<'_>) -> Result<()>,
    ) -> Result<usize> {
        let start = self.pen.out.len();
        if let Sink::Nested = self.sink {
            put_slice(&mut self.pen.out, name.as_bytes());
            self.pen.out.extend_from_slice(form);
        }
        let size = WritePlace { scene: self.scene, base, head, pen: self.pen }.sized(write)?;
        if size == 0 {
            self.pen.truncate(start);
        } else if let Sink::Root { shape, .. } = &mut self.sink {
            match same {
                Some(index) => shape.push_same(index, name, form),
                None => shape.push(name, form),
            }
        }
        Ok(size)
    }
}

#[cold]
fn in_attribute(error: Error, attribute: &Attribute) -> Error {
    if attribute.name.is_empty() { error } else { error.at(format_args!("attribute `{}`", attribute.name)) }
}
