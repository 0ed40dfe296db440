//! Merging two versions of one object: compare, then join only where each has seen what the other has not.

use super::{Shape, ShapeBuilder, Version, put_hash_head};
use crate::bytes::put_sized;
use crate::causal::frame::Frame;
use crate::causal::join::{Join, Rows, fields_side_by_side};
use crate::causal::state::{self, Content};
use crate::causal::{Form, Relation, Structure, context};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Hash;
use std::cell::Cell;
use std::sync::Arc;

/// What a merge came to.
#[derive(Debug, Clone)]
pub enum Merged {
    /// Theirs holds nothing that ours has not seen: ours stays as it is.
    Known,
    /// Theirs has seen all of ours: it is taken as it is.
    Forward,
    /// Each had seen something new: this is what both together have seen.
    Joined(Version),
}

impl Version {
    /// Merges two versions of one object.
    ///
    /// The same for every strategy: no value is decoded, no clock read, nothing added. Commutative,
    /// associative and idempotent on the bytes.
    ///
    /// # Errors
    /// [`Mismatch`](ErrorKind::Mismatch) for another key or kind, [`Forked`](ErrorKind::Forked) where one dot
    /// names two different commits, [`Corrupt`](ErrorKind::Corrupt) where bytes are not a version's.
    ///
    /// Cost: about 0.05 µs where one covers the other, else linear in both states with one hash: some
    /// 0.8 µs for a small object, half of it the hash.
    pub fn merge(&self, theirs: &Version) -> Result<Merged> {
        self.check_same_object(theirs)?;
        if self.hash == theirs.hash {
            return Ok(Merged::Known);
        }
        let (a, b) = (Side::of(self)?, Side::of(theirs)?);
        match context::compare(a.content.context, b.content.context)? {
            Relation::Covers => Ok(Merged::Known),
            Relation::Covered => Ok(Merged::Forward),
            Relation::Equal => Err(Error::new(
                ErrorKind::Forked,
                format!(
                    "{self} and {theirs} have seen the same commits and differ: one of them was not made by merging"
                ),
            )),
            Relation::Concurrent => join(&a, &b).map(Merged::Joined),
        }
    }

    /// Whether this version has seen everything that the other has.
    ///
    /// # Errors
    /// As [`Version::merge`].
    pub fn covers(&self, theirs: &Version) -> Result<bool> {
        self.check_same_object(theirs)?;
        let (a, b) = (Side::of(self)?, Side::of(theirs)?);
        let relation = context::compare(a.content.context, b.content.context)?;
        Ok(matches!(relation, Relation::Equal | Relation::Covers))
    }

    fn check_same_object(&self, theirs: &Version) -> Result<()> {
        let one_kind = Arc::ptr_eq(&self.shape, &theirs.shape) || self.kind() == theirs.kind();
        if self.key != theirs.key || !one_kind {
            return Err(Error::new(
                ErrorKind::Mismatch,
                format!(
                    "{} of kind {} and {} of kind {} are two objects and do not merge",
                    self.key,
                    self.kind(),
                    theirs.key,
                    theirs.kind()
                ),
            ));
        }
        Ok(())
    }
}

/// The join without its fast paths: the same bytes as [`Version::merge`] gives, for tests of just that.
///
/// # Errors
/// As [`Version::merge`].
pub fn join_in_full(ours: &Version, theirs: &Version) -> Result<Version> {
    ours.check_same_object(theirs)?;
    let (a, b) = (Side::of(ours)?, Side::of(theirs)?);
    context::compare(a.content.context, b.content.context)?;
    join(&a, &b)
}

/// One of the two versions, taken apart.
struct Side<'v> {
    version: &'v Version,
    tips: &'v [u8],
    content: Content<'v>,
}

impl<'v> Side<'v> {
    #[inline]
    fn of(version: &'v Version) -> Result<Self> {
        let (tips, content) = state::split(version.state_bytes())?;
        Ok(Side { version, tips, content: state::content(content)? })
    }
}

thread_local! {
    // Nothing is remembered but memory: a join then asks for that of its result and no other.
    static DESK: Cell<Option<Box<Desk>>> = const { Cell::new(None) };
}

/// Of how many bytes two states may be together for the memory of their join to be kept.
const KEPT: usize = 512 << 10;

/// What a join is made on.
#[derive(Default)]
struct Desk {
    frame: Frame,
    join: Join,
    /// What is hashed: the key, the hash of the shape, the state.
    out: Vec<u8>,
}

fn join(ours: &Side<'_>, theirs: &Side<'_>) -> Result<Version> {
    let mut desk = DESK.try_with(Cell::take).ok().flatten().unwrap_or_default();
    let joined = desk.join(ours, theirs).map_err(|error| blame(error, ours.version, theirs.version));
    if ours.version.state_bytes().len() + theirs.version.state_bytes().len() <= KEPT {
        let _gone_with_its_thread = DESK.try_with(|kept| kept.set(Some(desk)));
    }
    joined
}

/// Says which version is at fault where one is.
#[cold]
fn blame(error: Error, ours: &Version, theirs: &Version) -> Error {
    ours.state().err().or_else(|| theirs.state().err()).unwrap_or(error)
}

impl Desk {
    fn join(&mut self, ours: &Side<'_>, theirs: &Side<'_>) -> Result<Version> {
        let (key, shape) = (&ours.version.key, &ours.version.shape);
        self.out.clear();
        let start = put_hash_head(key, shape, &mut self.out);
        let shape = match has_sequences(shape) && has_sequences(&theirs.version.shape) {
            true => self.write_with_all_rows(ours, theirs)?,
            false => self.write_with_living_rows(ours, theirs)?,
        };
        if !Arc::ptr_eq(&shape, &ours.version.shape) {
            self.out[start - Hash::LENGTH..start].copy_from_slice(shape.hash().as_bytes());
        }
        let (bytes, hash) = (self.out[start..].into(), Hash::of(&self.out));
        Ok(Version { key: key.clone(), shape, bytes, start: 0, hash })
    }

    /// As [`Desk::write`], with the rows that something may bear.
    fn write_with_living_rows(&mut self, ours: &Side<'_>, theirs: &Side<'_>) -> Result<Arc<Shape>> {
        self.frame.join(&ours.content, &theirs.content, Rows::Living, &mut self.join)?;
        let start = self.out.len();
        let mut shape = self.write(ours, theirs);
        if shape.is_ok() && !self.join.used().iter().all(|used| *used) {
            self.frame.without_unused(&mut self.join);
            self.out.truncate(start);
            shape = self.write(ours, theirs);
        }
        if self.join.wants_all_rows() {
            self.out.truncate(start);
            shape = self.write_with_all_rows(ours, theirs);
        }
        shape
    }

    /// As [`Desk::write`], where a sequence needs to know the rows that one side has dropped: which of them it keeps is
    /// known at the end, and everything is moved to the rows that stay.
    fn write_with_all_rows(&mut self, ours: &Side<'_>, theirs: &Side<'_>) -> Result<Arc<Shape>> {
        let Desk { frame, join, out } = self;
        frame.join(&ours.content, &theirs.content, Rows::All, join)?;
        let (mut tips, mut all) = (Vec::new(), Vec::new());
        join.tips(ours.tips, theirs.tips, &mut tips)?;
        let mut sequences = Vec::new();
        let shape =
            attributes(join, ours, theirs, &mut all, |join, form, x, y, out| match form.structure() {
                Structure::Sequence(content) => {
                    let start = out.len();
                    let runs = join.sequence_in_parts(content, x, y, out)?;
                    let has_runs = !runs.is_empty();
                    // An attribute of which nothing stays is left out.
                    if has_runs || out.len() > start {
                        sequences.push(runs);
                    }
                    Ok(has_runs)
                }
                structure => join.body(structure, x, y, out).map(|()| false),
            })?;
        let mut settled = frame.settle(join);
        put_sized(out, |out| settled.move_tips(&tips, out))?;
        frame.encode(out);
        let (mut fields, mut sequences) = (shape.fields(&all), sequences.into_iter());
        while let Some(field) = fields.next()? {
            put_sized(out, |out| match field.form.structure() {
                Structure::Sequence(content) => {
                    let runs = sequences.next().unwrap_or_default();
                    settled.put_parts(content, field.body, runs, out)
                }
                structure => settled.body(structure, field.body, &[], out),
            })?;
        }
        Ok(shape)
    }

    /// Appends the state; gives its shape.
    fn write(&mut self, ours: &Side<'_>, theirs: &Side<'_>) -> Result<Arc<Shape>> {
        let Desk { frame, join, out } = self;
        put_sized(out, |out| join.tips(ours.tips, theirs.tips, out))?;
        frame.encode(out);
        attributes(join, ours, theirs, out, |join, form, x, y, out| {
            join.body(form.structure(), x, y, out).map(|()| false)
        })
    }
}

/// Whether a version of this shape has a list or a text, but for those in maps and in drones.
fn has_sequences(shape: &Shape) -> bool {
    let forms = (0..shape.len()).filter_map(|index| shape.head(index));
    forms.into_iter().any(|(_, form)| matches!(form.structure(), Structure::Sequence(_)))
}

/// Appends what `body` makes of each attribute; it says whether there is more of it than it appended.
fn attributes<'v>(
    join: &mut Join,
    ours: &Side<'v>,
    theirs: &Side<'v>,
    out: &mut Vec<u8>,
    mut body: impl FnMut(&mut Join, Form<'_>, &'v [u8], &'v [u8], &mut Vec<u8>) -> Result<bool>,
) -> Result<Arc<Shape>> {
    let shape = &ours.version.shape;
    let same = Arc::ptr_eq(shape, &theirs.version.shape) || shape.hash() == theirs.version.shape.hash();
    let mut builder = ShapeBuilder::like(shape.clone());
    let mut a = shape.fields(ours.content.attributes);
    let mut b = theirs.version.shape.fields(theirs.content.attributes);
    let mut index = 0;
    let mut each = |name: &str, form: Form<'_>, x: &'v [u8], y: &'v [u8]| {
        let start = out.len();
        let more = put_sized(out, |out| body(join, form, x, y, out)).map_err(|error| error.at(name))?;
        match (out.len() == start + 1 && !more, same) {
            (true, _) => out.truncate(start),
            (false, true) => builder.push_same(index, name, form.as_bytes()),
            (false, false) => builder.push(name, form.as_bytes()),
        }
        index += 1;
        Ok(())
    };
    if same {
        while let (Some(x), Some(y)) = (a.next()?, b.next()?) {
            each(x.name, x.form, x.body, y.body)?;
        }
    } else {
        fields_side_by_side(|| a.next(), || b.next(), each)?;
    }
    builder.finish()
}
