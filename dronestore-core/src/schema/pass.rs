//! Pass: several attributes of many versions, each version walked over once.

use super::Schema;
use super::column::{Column, is_plain, plain, value};
use crate::bytes::Reader;
use crate::causal::place::Field;
use crate::causal::state::attributes;
use crate::strategy::Table;
use crate::value::Value;
use crate::version::Shape;
use std::sync::Arc;

/// Attributes that are read of many versions; where they stand is found once for all versions of a shape.
#[derive(Debug, Default)]
pub struct Pass {
    shape: Option<Arc<Shape>>,
    /// Where the columns may stand in it, in the order of its attributes.
    places: Vec<Place>,
    values: Vec<Option<Value>>,
}

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
    /// gives the column of a number, the same ones at each call.
    ///
    /// Nothing where one cannot be read or a `conflict` of several entries was met: then [`Schema::read_column`] says of each what
    /// is the matter.
    ///
    /// Cost: a few nanoseconds an attribute up to the last that is asked for, and a decode of each of these.
    pub fn read<'c>(
        &mut self,
        shape: &Arc<Shape>,
        state: &[u8],
        count: usize,
        column: impl Fn(usize) -> (&'c Schema, &'c Column),
    ) -> Option<&[Option<Value>]> {
        if self.values.len() != count || !self.shape.as_ref().is_some_and(|known| Arc::ptr_eq(known, shape)) {
            self.find(shape, count, &column);
        }
        self.values.iter_mut().for_each(|value| *value = None);
        let mut bodies = Reader::new(attributes(state).ok()?);
        let mut table = None;
        let (mut next, mut body) = (0, &[][..]);
        for place in &self.places {
            // Several columns may look at one attribute.
            if next <= place.field {
                bodies.skip(place.field - next).ok()?;
                body = bodies.slice().ok()?;
                next = place.field + 1;
            }
            let found = self.values.get_mut(place.column)?;
            if found.is_some() {
                continue;
            }
            *found = if place.is_plain { plain(body) } else { None };
            if found.is_none() {
                let table = match &mut table {
                    Some(table) => table,
                    none => none.insert(Table::of_state(state).ok()?.0),
                };
                let (schema, column) = column(place.column);
                let (name, form) = shape.head(place.field)?;
                *found = value(column, &Field { name, form, body }, table, schema.said(place.said)).ok()?;
            }
        }
        (!table.is_some_and(|table| table.has_met_conflict())).then_some(&self.values)
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
        self.shape = Some(shape.clone());
        self.values.resize(count, None);
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
