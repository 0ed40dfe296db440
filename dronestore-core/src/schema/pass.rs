//! Pass: several attributes of many versions, each version walked over once.

use super::Schema;
use super::column::{Column, is_plain, plain, value};
use crate::bytes::{pass_over, slice_at};
use crate::causal::place::Field;
use crate::causal::state::attributes_at;
use crate::strategy::Table;
use crate::value::{Cell, Plain};
use crate::version::Shape;
use smallvec::SmallVec;
use std::sync::Arc;

/// Attributes that are read of many versions; where they stand is found once for all versions of a shape.
#[derive(Debug, Default)]
pub struct Pass {
    shape: Option<Arc<Shape>>,
    /// Where the columns may stand in it, in the order of its attributes.
    places: Vec<Place>,
    /// How many columns they are.
    count: usize,
}

/// What columns read as, in their order; `None` where nothing is written.
pub type Cells<'s> = SmallVec<[Option<Cell<'s>>; 2]>;

/// An attribute of a shape that may be what a column asks for.
#[derive(Debug)]
struct Place {
    field: usize,
    column: usize,
    /// Which attribute of the column's schema says how it is read.
    said: Option<usize>,
    /// Whether it is a register that reads as what stands there.
    is_plain: bool,
}

impl Pass {
    /// Nothing was read yet.
    pub fn new() -> Pass {
        Pass::default()
    }

    /// What `count` columns read as in a state of this shape, each as its schema says, `None` where nothing is written. `column`
    /// gives the column of a number; `count` and the columns are the same at each call.
    ///
    /// Nothing where one cannot be read or a `conflict` of several entries was met: then [`Schema::read_column`] says of each what
    /// is the matter.
    ///
    /// Cost: a few nanoseconds an attribute up to the last that is asked for, and a decode of each of these.
    #[inline]
    pub fn read<'c, 's>(
        &mut self,
        shape: &Arc<Shape>,
        state: &'s [u8],
        count: usize,
        column: impl Fn(usize) -> (&'c Schema, &'c Column),
    ) -> Option<Cells<'s>> {
        if !self.shape.as_ref().is_some_and(|known| Arc::ptr_eq(known, shape)) {
            self.find(shape, count, &column);
        }
        let mut cells = Cells::new();
        cells.resize_with(count, || None);
        let mut table = None;
        let (mut at, mut next, mut body) = (attributes_at(state)?, 0, &[][..]);
        for place in &self.places {
            // Several columns may look at one attribute.
            if next <= place.field {
                at = pass_over(state, at, place.field - next)?;
                body = slice_at(state, &mut at)?;
                next = place.field + 1;
            }
            let found = cells.get_mut(place.column)?;
            if found.is_some() {
                continue;
            }
            *found = if place.is_plain { plain(body).map(Cell::Plain) } else { None };
            if found.is_none() {
                let table = match &mut table {
                    Some(table) => table,
                    none => none.insert(Table::of_state(state).ok()?.0),
                };
                let (schema, column) = column(place.column);
                let (name, form) = shape.head(place.field)?;
                let field = Field { name, form, body };
                *found = value(column, &field, table, schema.said(place.said)).ok()?.map(Cell::Value);
            }
        }
        (!table.is_some_and(|table| table.has_met_conflict())).then_some(cells)
    }

    /// The same where there is one column, which is plain: what a walk over many objects mostly looks at. Nothing where it is not
    /// so simple, and before the first [`Pass::read`] of this shape.
    #[inline]
    pub fn lone<'s>(&self, shape: &Arc<Shape>, state: &'s [u8]) -> Option<Plain<'s>> {
        match (&self.places[..], &self.shape) {
            ([place], Some(known)) if self.count == 1 && place.is_plain && Arc::ptr_eq(known, shape) => {
                let mut at = pass_over(state, attributes_at(state)?, place.field)?;
                plain(slice_at(state, &mut at)?)
            }
            _ => None,
        }
    }

    fn find<'c>(
        &mut self,
        shape: &Arc<Shape>,
        count: usize,
        column: impl Fn(usize) -> (&'c Schema, &'c Column),
    ) {
        self.places.clear();
        for (field, (name, form)) in (0..shape.len()).filter_map(|field| Some((field, shape.head(field)?))) {
            for index in 0..count {
                let (schema, column) = column(index);
                if column.is_at(name, form) {
                    let said = schema.says_of(name, form);
                    let is_plain = is_plain(form, schema.said(said));
                    self.places.push(Place { field, column: index, said, is_plain });
                }
            }
        }
        (self.shape, self.count) = (Some(shape.clone()), count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_of_a_state_that_is_none() {
        let shape = Shape::parse(b"\x01a").unwrap();
        let schema = Schema { kind: "a".into(), attributes: Vec::new(), nested: Default::default() };
        let column = schema.column("x");
        assert!(Pass::new().read(&shape, &[], 1, |_| (&schema, &column)).is_none());
    }
}
