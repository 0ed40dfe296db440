//! Which columns a block has: some for every version, some for each attribute of the shapes in it.

use dronestore_core::bytes::put_slice;
use dronestore_core::version::Shape;
use dronestore_core::{Error, Result};
use std::collections::HashMap;
use std::sync::Arc;

/// Columns that every block has, in their order.
pub(super) mod column {
    pub(in crate::bundle) const SHAPES: usize = 0;
    pub(in crate::bundle) const KEY_SHARED: usize = 1;
    pub(in crate::bundle) const KEY_SIZES: usize = 2;
    pub(in crate::bundle) const KEY_BYTES: usize = 3;
    pub(in crate::bundle) const TIPS: usize = 4;
    pub(in crate::bundle) const CREATED: usize = 5;
    pub(in crate::bundle) const LINES: usize = 6;
    pub(in crate::bundle) const LINE_ACTORS: usize = 7;
    pub(in crate::bundle) const LINE_SEQUENCES: usize = 8;
    pub(in crate::bundle) const TAGS_KEPT: usize = 9;
    pub(in crate::bundle) const TAGS: usize = 10;
    pub(in crate::bundle) const ROWS: usize = 11;
    pub(in crate::bundle) const ROW_LINES: usize = 12;
    pub(in crate::bundle) const ROW_SEQUENCES: usize = 13;
    pub(in crate::bundle) const ROW_TIMES: usize = 14;
    /// Attributes that are not taken apart.
    pub(in crate::bundle) const WHOLE: usize = 15;
    pub(in crate::bundle) const FIXED: usize = 16;
}

/// How many columns an attribute has: counts or sizes, rows, values.
const OF_ATTRIBUTE: usize = 3;
/// A shape of more attributes than this is not taken apart.
const TAKEN_APART: usize = 1024;
/// How many shapes a block has at most, and how many attributes in all that are taken apart.
pub(super) const MOST_SHAPES: usize = 256;
const MOST_ATTRIBUTES: usize = 16 << 10;
/// How many bytes the shapes of a block have at most.
pub(super) const MOST_SHAPE_BYTES: usize = 1 << 20;

/// A shape of a block, and at which column each of its attributes begins; `None` where they are not taken apart.
pub(super) struct Laid {
    pub(super) shape: Arc<Shape>,
    pub(super) starts: Option<Vec<usize>>,
}

/// The shapes of a block in the order of their first versions, with the columns of their attributes.
///
/// Attributes of one kind, name and form share their columns, whatever the shape.
#[derive(Default)]
pub(super) struct Layout {
    pub(super) shapes: Vec<Laid>,
    /// How many bytes they have in all.
    shape_bytes: usize,
    starts: HashMap<Vec<u8>, usize>,
}

impl Layout {
    /// How many columns there are.
    pub(super) fn columns(&self) -> usize {
        column::FIXED + OF_ATTRIBUTE * self.starts.len()
    }

    /// Whether another shape fits into the block.
    pub(super) fn has_room_for(&self, shape: &Shape) -> bool {
        let more = if shape.len() > TAKEN_APART { 0 } else { shape.len() };
        let bytes = self.shape_bytes + shape.as_bytes().len();
        self.shapes.len() < MOST_SHAPES
            && bytes <= MOST_SHAPE_BYTES
            && self.starts.len() + more <= MOST_ATTRIBUTES
    }

    /// Adds a shape.
    ///
    /// # Errors
    /// [`Corrupt`](dronestore_core::ErrorKind::Corrupt) where the block would have too many.
    pub(super) fn push(&mut self, shape: Arc<Shape>) -> Result<()> {
        if !self.has_room_for(&shape) {
            return Err(Error::corrupt("a block has more shapes or attributes than it may"));
        }
        let starts = (shape.len() <= TAKEN_APART).then(|| self.starts_of(&shape));
        self.shape_bytes += shape.as_bytes().len();
        self.shapes.push(Laid { shape, starts });
        Ok(())
    }

    fn starts_of(&mut self, shape: &Shape) -> Vec<usize> {
        let mut starts = Vec::with_capacity(shape.len());
        for (name, form) in (0..shape.len()).filter_map(|index| shape.head(index)) {
            let next = self.columns();
            let mut place = Vec::new();
            put_slice(&mut place, shape.kind().as_bytes());
            put_slice(&mut place, name.as_bytes());
            place.extend_from_slice(form.as_bytes());
            starts.push(*self.starts.entry(place).or_insert(next));
        }
        starts
    }
}
