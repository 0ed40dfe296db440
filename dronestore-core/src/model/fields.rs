//! The fields of one drone, at the root of a version or nested in another.

use super::{Attribute, Field as Stored};
use crate::bytes::{Reader, put_slice};
use crate::causal::form::code;
use crate::causal::place::{Field, Fields};
use crate::error::{Error, Result};
use crate::strategy::latest_object::{ReadObject, WriteObject};
use crate::strategy::location::{self, Placing};
use crate::strategy::{Pen, ReadPlace, Scene, Table, WritePlace};
use crate::version::{Changed, ChangedList, RootFields, Shape, ShapeBuilder, more_than_named};
use std::cmp::Ordering;

/// The attributes of a version or of a nested drone, one after the other.
#[derive(Debug)]
pub(crate) enum Cursor<'a> {
    None,
    Bodies(Bodies<'a>),
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
    pub(crate) fn none() -> Walk<'a> {
        Walk { cursor: Cursor::None, next: None }
    }

    /// Whether it is over nothing.
    fn is_none(&self) -> bool {
        matches!(self.cursor, Cursor::None)
    }

    /// A walk over the attributes of a version.
    #[inline]
    pub(crate) fn root(shape: &'a Shape, bytes: &'a [u8], attributes: &'static [Attribute]) -> Result<Self> {
        match Bodies::new(shape, bytes, attributes) {
            Some(bodies) => Ok(Walk { cursor: Cursor::Bodies(bodies), next: None }),
            None => Walk::new(Cursor::Root(shape.fields(bytes))),
        }
    }

    fn new(cursor: Cursor<'a>) -> Result<Walk<'a>> {
        let mut walk = Walk { cursor, next: None };
        walk.advance()?;
        Ok(walk)
    }

    pub(crate) fn nested(body: &'a [u8]) -> Result<Walk<'a>> {
        if body.is_empty() { Ok(Walk::none()) } else { Walk::new(Cursor::Nested(Fields::new(body)?)) }
    }

    fn advance(&mut self) -> Result<()> {
        self.next = match &mut self.cursor {
            Cursor::None | Cursor::Bodies(_) => None,
            Cursor::Root(fields) => fields.next()?,
            Cursor::Nested(fields) => fields.next()?,
        };
        Ok(())
    }

    /// The body of this attribute, no bytes where it is not there.
    #[inline(never)]
    fn pass_to(&mut self, attribute: &Attribute) -> Result<&'a [u8]> {
        self.look_for(attribute, |_| Ok(()))
    }

    /// The body of this attribute, no bytes where it is not there; `skipped` gets those that come before it.
    #[inline]
    fn seek(
        &mut self,
        index: usize,
        attribute: &Attribute,
        skipped: impl FnMut(&Field<'a>) -> Result<()>,
    ) -> Result<&'a [u8]> {
        match &mut self.cursor {
            Cursor::Bodies(bodies) => bodies.seek(index),
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

/// The bodies of a state whose shape has attributes of this model and no others: no name is compared.
#[derive(Debug)]
pub(crate) struct Bodies<'a> {
    /// Which attributes of the model are there, a bit each.
    present: u64,
    /// The attribute that is next, and the end of them.
    next: usize,
    end: usize,
    reader: Reader<'a>,
}

impl<'a> Bodies<'a> {
    #[inline]
    fn new(shape: &Shape, bodies: &'a [u8], attributes: &'static [Attribute]) -> Option<Self> {
        let list = (attributes.as_ptr().addr(), attributes.len());
        let present = shape.present(list, || present(shape, attributes))?;
        Some(Bodies { present, next: 0, end: attributes.len(), reader: Reader::new(bodies) })
    }

    #[inline]
    fn seek(&mut self, index: usize) -> Result<&'a [u8]> {
        let mut body = &[][..];
        while self.next <= index {
            let is_present = self.present >> self.next & 1 == 1;
            self.next += 1;
            body = if is_present { self.reader.slice()? } else { &[] };
        }
        if self.next == self.end && !self.reader.is_empty() {
            return Err(more_than_named());
        }
        Ok(body)
    }
}

/// Which of the attributes the shape has, a bit each; `None` where it has others, or there are too many.
fn present(shape: &Shape, attributes: &[Attribute]) -> Option<u64> {
    let mut present = 0;
    let mut next = 0;
    for (index, attribute) in attributes.iter().enumerate() {
        let (name, form) = match shape.head(next) {
            Some(head) => head,
            None => break,
        };
        if name == attribute.name && form.as_bytes() == attribute.field.form() {
            present |= 1u64.checked_shl(index as u32)?;
            next += 1;
        }
    }
    (next == shape.len() && attributes.len() <= 64).then_some(present)
}

/// Whether the shape has all of the attributes, and no others.
#[inline]
fn is_all(shape: &Shape, attributes: &'static [Attribute]) -> bool {
    let list = (attributes.as_ptr().addr(), attributes.len());
    shape.len() == attributes.len() && shape.present(list, || present(shape, attributes)).is_some()
}

/// Where a reader finds the bodies of its attributes.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    /// One after the other.
    Bodies(Bodies<'a>),
    /// By their names.
    Walk(&'a mut Walk<'a>),
}

impl<'a> Source<'a> {
    /// The attributes of a state of this shape; `walk` is where they are walked if they must be.
    #[inline]
    pub(crate) fn new(
        shape: &'a Shape,
        bodies: &'a [u8],
        attributes: &'static [Attribute],
        walk: &'a mut Option<Walk<'a>>,
    ) -> Result<Self> {
        match Bodies::new(shape, bodies, attributes) {
            Some(bodies) => Ok(Source::Bodies(bodies)),
            None => Ok(Source::Walk(walk.insert(Walk::new(Cursor::Root(shape.fields(bodies)))?))),
        }
    }
}

/// Reads the fields of one drone, in the order of its attributes.
#[derive(Debug)]
pub struct FieldsReader<'a> {
    source: Source<'a>,
    table: &'a Table<'a>,
    attributes: &'static [Attribute],
}

impl<'a> FieldsReader<'a> {
    #[inline]
    pub(crate) fn new(source: Source<'a>, table: &'a Table<'a>, attributes: &'static [Attribute]) -> Self {
        FieldsReader { source, table, attributes }
    }

    /// Reads the attribute at this position.
    ///
    /// # Errors
    /// What `read` gives, with the attribute's name in front.
    #[inline]
    pub fn field<R>(&mut self, index: usize, read: impl FnOnce(ReadPlace<'_>) -> Result<R>) -> Result<R> {
        let attribute = &self.attributes[index];
        let body = match &mut self.source {
            Source::Bodies(bodies) => bodies.seek(index)?,
            Source::Walk(walk) => walk.pass_to(attribute)?,
        };
        read(ReadPlace { body, table: self.table }).map_err(|error| in_attribute(error, attribute))
    }

    /// Reads the `latest_object` group at this position.
    ///
    /// # Errors
    /// What `read` gives.
    pub fn object<R>(&mut self, index: usize, read: impl FnOnce(&ReadObject<'_>) -> Result<R>) -> Result<R> {
        self.field(index, |place| read(&ReadObject::new(place)?))
    }
}

/// Writes one field at its place.
type WriteField<'f> = &'f dyn Fn(&mut WritePlace<'_>) -> Result<()>;

/// Where the attributes of a drone are listed as they are written.
#[derive(Debug)]
pub(crate) enum Sink<'w> {
    /// In the version's shape, with a list of what changed.
    Root { shape: &'w mut ShapeBuilder, changed: &'w mut ChangedList },
    /// Right there, each with its name and form.
    Nested,
    /// The same in a list of drones, where the item stands among them; until that is written, where it is to stand.
    /// The id is the key, and is not stored again.
    Item(Option<Placing<'w>>),
}

/// Where an item of a list stands: behind a `latest_object` group, before all that has a name.
static LOCATION: Attribute = Attribute::new("", "", Stored::of(code::LOCATION));

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
    /// Whether nothing stands anywhere yet.
    is_first: bool,
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
            Sink::Root { shape, .. } => shape.expected().is_some_and(|like| is_all(like, attributes)),
            Sink::Nested | Sink::Item(_) => false,
        };
        let is_first = base.is_none() && head.is_none();
        FieldsWriter { scene, pen, base, head, attributes, same, is_first, sink }
    }

    /// Writes the attribute at this position.
    ///
    /// # Errors
    /// What `write` gives, with the attribute's name in front.
    #[inline]
    pub fn field(&mut self, index: usize, write: impl Fn(&mut WritePlace<'_>) -> Result<()>) -> Result<()> {
        self.write_field(index, &write)
    }

    /// Compiled once, and not for every field of every model.
    fn write_field(&mut self, index: usize, write: WriteField<'_>) -> Result<()> {
        let attribute: &'static Attribute = &self.attributes[index];
        if let Sink::Item(placing) = &mut self.sink
            && !attribute.name.is_empty()
        {
            if let Some(placing) = placing.take() {
                self.write(index, &LOCATION, &|place| location::write(place, placing))?;
            }
            if attribute.id {
                return self.write(index, attribute, &|place| place.keep(attribute.form().structure()));
            }
        }
        self.write(index, attribute, write)
    }

    /// What stands at an attribute, as the writer had loaded it and now; what comes before it and is not known is kept.
    fn seek(&mut self, index: usize, attribute: &'static Attribute) -> Result<(&'w [u8], &'w [u8])> {
        let mut unknown = Vec::new();
        let head = self.head.seek(index, attribute, |field| {
            unknown.push(*field);
            Ok(())
        })?;
        for field in unknown {
            self.keep(&field)?;
        }
        let base = match &mut self.base {
            Some(base) => base.seek(index, attribute, |_| Ok(()))?,
            None => head,
        };
        Ok((base, head))
    }

    fn write(&mut self, index: usize, attribute: &'static Attribute, write: WriteField<'_>) -> Result<()> {
        let (base, head) = if self.is_first { (&[][..], &[][..]) } else { self.seek(index, attribute)? };
        let before = std::mem::replace(&mut self.pen.changed, false);
        let notes = self.pen.notes.len();
        let same = self.same.then_some(index);
        let size = self
            .put(attribute.head(), same, base, head, write)
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
    pub fn object(&mut self, index: usize, write: impl Fn(&mut WriteObject<'_>) -> Result<()>) -> Result<()> {
        self.write_field(index, &|place| {
            let mut object = WriteObject::new(ReadObject::new(place.loaded())?);
            write(&mut object)?;
            object.finish(place)
        })
    }

    /// Notes that a field goes through a conversion, so that what it reads as is not what was written.
    pub fn converts(&mut self) {
        self.pen.reads_as_written = false;
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
        self.put(head, None, &[], field.body, &|place| place.keep(form.structure()))?;
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
        write: WriteField<'_>,
    ) -> Result<usize> {
        let start = self.pen.out.len();
        if let Sink::Nested | Sink::Item(_) = self.sink {
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
