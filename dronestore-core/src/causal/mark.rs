//! Marking: which rows of the table a body bears, where it is kept as it is.

use super::form::{Child, Structure};
use super::join::{Join, MAX_NESTING, too_deep};
use super::place::{Dots, Fields, Items, Values};
use crate::bytes::Reader;
use crate::error::Result;

impl Join {
    /// Notes the rows that a body bears; it is copied unmoved.
    pub(super) fn mark_body(&mut self, structure: Structure<'_>, body: &[u8]) -> Result<()> {
        if body.is_empty() {
            return Ok(());
        }
        match structure {
            Structure::Unit => Ok(()),
            Structure::Values => {
                let mut values = Values::new(body);
                while let Some(entry) = values.next()? {
                    self.mark(entry.row);
                }
                Ok(())
            }
            _ if self.depth == MAX_NESTING => Err(too_deep()),
            Structure::Map(child) => self.deeper(|join| join.mark_map(child, body)),
            Structure::Nested => self.deeper(|join| join.mark_nested(body)),
        }
    }

    fn mark_map(&mut self, child: Child<'_>, body: &[u8]) -> Result<()> {
        let mut items = Items::new(body, child == Child::Unit)?;
        self.mark_dots(items.own)?;
        while let Some(item) = items.next()? {
            self.mark_dots(item.dots)?;
            self.mark_body(child.structure(), item.body)?;
        }
        Ok(())
    }

    fn mark_nested(&mut self, body: &[u8]) -> Result<()> {
        let mut fields = Fields::new(body)?;
        self.mark_dots(fields.own)?;
        while let Some(field) = fields.next()? {
            self.mark_body(field.form.structure(), field.body)?;
        }
        Ok(())
    }

    fn mark_dots(&mut self, bytes: &[u8]) -> Result<()> {
        let mut reader = Reader::new(bytes);
        let mut dots = Dots::new(&mut reader);
        while let Some(row) = dots.next()? {
            self.mark(row);
        }
        Ok(())
    }
}
