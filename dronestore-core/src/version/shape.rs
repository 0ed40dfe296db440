//! Shape: the kind of an object and which attributes its state has.
//!
//! ```text
//! shape := size, kind, (size, name, form)*      ascending by (name, form)
//! ```
//!
//! A state lists its attributes' bytes and nothing about them; the shape says what they are. It is a function
//! of the state: exactly the attributes that hold something. Sent it is written out, hashed it stands for
//! itself by its own hash, and a store keeps each shape once.

use crate::bytes::{Reader, put_slice};
use crate::causal::Form;
use crate::causal::form::MAX_NAME;
use crate::causal::place::Field;
use crate::error::{Error, Result};
use crate::hash::Hash;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// How many shapes a thread remembers before it starts anew.
const REMEMBERED: usize = 1024;

/// The longest shape that is remembered: those of strangers may be as long as they like.
const LONGEST: usize = 4 << 10;

thread_local! {
    // A memory of pure results: a shape's hash and offsets are computed once, not for every commit.
    static SHAPES: RefCell<HashMap<Box<[u8]>, Arc<Shape>>> = RefCell::new(HashMap::new());
    static LAST: RefCell<Option<Arc<Shape>>> = const { RefCell::new(None) };
}

/// The kind of an object and the (name, form) of each attribute that its state holds.
#[derive(Debug)]
pub struct Shape {
    bytes: Box<[u8]>,
    kind: Box<str>,
    heads: Vec<(Box<str>, Box<[u8]>)>,
    hash: Hash,
    /// Which attributes of a list there are, for the first list that was asked about.
    present: OnceLock<(ListId, Option<u64>)>,
}

/// Where a list of attributes lies in memory, for ever, and how long it is.
pub(crate) type ListId = (usize, usize);

impl Shape {
    /// The shape that these bytes write out.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where they are not canonical.
    ///
    /// Cost: one hash-map lookup for a shape that this thread has met, else about 0.5 µs.
    pub fn parse(bytes: &[u8]) -> Result<Arc<Shape>> {
        if let Some(last) = LAST.with_borrow(|last| last.clone()).filter(|last| *last.bytes == *bytes) {
            return Ok(last);
        }
        if let Some(known) = SHAPES.with_borrow(|shapes| shapes.get(bytes).cloned()) {
            LAST.set(Some(known.clone()));
            return Ok(known);
        }
        let shape = Arc::new(Self::read(bytes)?);
        if bytes.len() > LONGEST {
            return Ok(shape);
        }
        SHAPES.with_borrow_mut(|shapes| {
            if shapes.len() >= REMEMBERED {
                shapes.clear();
            }
            shapes.insert(bytes.into(), shape.clone());
        });
        LAST.set(Some(shape.clone()));
        Ok(shape)
    }

    fn read(bytes: &[u8]) -> Result<Shape> {
        let mut reader = Reader::new(bytes);
        let kind = reader.text()?;
        check_name(kind, "a kind")?;
        let mut heads: Vec<(Box<str>, Box<[u8]>)> = Vec::new();
        let mut last: Option<(&str, Form<'_>)> = None;
        while !reader.is_empty() {
            let name = reader.text()?;
            if name.len() > MAX_NAME {
                return Err(Error::corrupt("the name of an attribute is longer than 255 bytes"));
            }
            let form = Form::split(&mut reader)?;
            if last.is_some_and(|last| last >= (name, form)) {
                return Err(Error::corrupt("the attributes of a shape are not in order"));
            }
            last = Some((name, form));
            heads.push((name.into(), form.as_bytes().into()));
        }
        Ok(Shape {
            bytes: bytes.into(),
            kind: kind.into(),
            heads,
            hash: Hash::of(bytes),
            present: OnceLock::new(),
        })
    }

    /// Which attributes of a list there are, a bit each, where there are no others; kept for one list.
    ///
    /// `None` also for any other list than the first: then attributes are found by their names.
    #[inline]
    pub(crate) fn present(&self, list: ListId, find: impl FnOnce() -> Option<u64>) -> Option<u64> {
        let (known, present) = self.present.get_or_init(|| (list, find()));
        if *known == list { *present } else { None }
    }

    /// The kind.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The shape written out.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash of the bytes.
    pub fn hash(&self) -> &Hash {
        &self.hash
    }

    /// How many attributes there are.
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The attribute at this position: its name and form.
    #[inline]
    pub fn head(&self, index: usize) -> Option<(&str, Form<'_>)> {
        let (name, form) = self.heads.get(index)?;
        Some((name, Form::trusted(form)))
    }

    /// Walks the attributes of a state of this shape.
    pub fn fields<'a>(&'a self, attributes: &'a [u8]) -> RootFields<'a> {
        RootFields { shape: self, next: 0, reader: Reader::new(attributes) }
    }
}

/// The attributes of a state, with the names and forms that its shape gives them.
#[derive(Debug, Clone)]
pub struct RootFields<'a> {
    shape: &'a Shape,
    next: usize,
    reader: Reader<'a>,
}

impl<'a> RootFields<'a> {
    /// The next attribute, if there is one.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where the bytes hold more or fewer than the shape names.
    #[inline]
    pub fn next(&mut self) -> Result<Option<Field<'a>>> {
        let Some((name, form)) = self.shape.head(self.next) else {
            return if self.reader.is_empty() { Ok(None) } else { Err(more_than_named()) };
        };
        self.next += 1;
        Ok(Some(Field { name, form, body: self.reader.slice()? }))
    }
}

#[cold]
pub(crate) fn more_than_named() -> Error {
    Error::corrupt("a state holds more attributes than its shape names")
}

/// Writes a shape out, attribute by attribute in the order of (name, form).
///
/// Most states have the shape of the state before them: as long as nothing differs, nothing is written.
#[derive(Debug)]
pub struct ShapeBuilder {
    like: Option<Arc<Shape>>,
    /// How many attributes are those of `like`.
    same: usize,
    /// The shape so far, once it differs from `like`.
    bytes: Vec<u8>,
}

impl ShapeBuilder {
    /// A shape of this kind without attributes; the last shape that this thread met is likely to come again.
    pub fn new(kind: &str) -> Self {
        match LAST.with_borrow(Clone::clone).filter(|last| last.kind() == kind) {
            Some(last) => Self::like(last),
            None => {
                let mut bytes = Vec::with_capacity(128);
                put_slice(&mut bytes, kind.as_bytes());
                ShapeBuilder { like: None, same: 0, bytes }
            }
        }
    }

    /// A shape of the kind of another, without attributes; it is expected to become the same.
    pub fn like(shape: Arc<Shape>) -> Self {
        ShapeBuilder { like: Some(shape), same: 0, bytes: Vec::new() }
    }

    /// Adds the next attribute of the shape that this one is like, where all before it were added too.
    #[inline]
    pub(crate) fn push_same(&mut self, index: usize, name: &str, form: &[u8]) {
        if self.like.is_some() && self.same == index {
            self.same += 1;
        } else {
            self.push(name, form);
        }
    }

    /// Adds an attribute.
    #[inline]
    pub fn push(&mut self, name: &str, form: &[u8]) {
        match &self.like {
            Some(like)
                if like.heads.get(self.same).is_some_and(|head| *head.0 == *name && *head.1 == *form) =>
            {
                self.same += 1;
            }
            _ => self.write(name, form),
        }
    }

    fn write(&mut self, name: &str, form: &[u8]) {
        self.differ();
        put_slice(&mut self.bytes, name.as_bytes());
        self.bytes.extend_from_slice(form);
    }

    /// Writes out what was the same until now.
    fn differ(&mut self) {
        let Some(like) = self.like.take() else { return };
        put_slice(&mut self.bytes, like.kind.as_bytes());
        for (name, form) in &like.heads[..self.same] {
            put_slice(&mut self.bytes, name.as_bytes());
            self.bytes.extend_from_slice(form);
        }
    }

    /// The shape that this one is like so far.
    pub(crate) fn expected(&self) -> Option<&Shape> {
        self.like.as_deref()
    }

    /// The shape.
    ///
    /// # Errors
    /// As [`Shape::parse`].
    pub fn finish(mut self) -> Result<Arc<Shape>> {
        self.take()
    }

    /// As [`ShapeBuilder::finish`], leaving nothing to go on with.
    pub(crate) fn take(&mut self) -> Result<Arc<Shape>> {
        if let Some(like) = self.like.take_if(|like| like.heads.len() == self.same) {
            return Ok(like);
        }
        self.differ();
        Shape::parse(&self.bytes)
    }
}

/// Kinds are part of stored keys, where a NUL ends them.
pub(crate) fn check_name(name: &str, what: &str) -> Result<()> {
    if name.is_empty() || name.len() > MAX_NAME || name.contains('\0') {
        return Err(Error::corrupt(format!("{what} is empty, longer than 255 bytes, or holds a NUL")));
    }
    Ok(())
}
