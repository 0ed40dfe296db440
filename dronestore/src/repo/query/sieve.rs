//! Sieve: of a walk over heads, what the filter does not want is passed over before an object is made of its row.

use super::scan::Plan;
use crate::repo::shapes::split_head;
use crate::repo::view::View;
use dronestore_core::query::Bound;
use dronestore_core::schema::{Cells, Pass};
use dronestore_core::value::Cell;
use dronestore_core::version::{Shape, reads_as_deleted};
use std::sync::Arc;

/// What the sieve says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is there, and the filter wants it.
    Wanted,
    /// It reads as deleted, or the filter does not want it.
    Unwanted,
    /// The object has to be looked at.
    Unknown,
}

/// Asks the filter of bytes.
pub(super) struct Sieve {
    pass: Pass,
    /// The filter, of the columns that it looks at; nothing where it looks at something else too, or where there are several
    /// schemas.
    asked: Option<Asked>,
    /// The shape of the last row, which is mostly that of the next.
    shape: Option<(u32, Arc<Shape>)>,
}

impl Sieve {
    pub(super) fn new(plan: &Plan) -> Sieve {
        Sieve { pass: Pass::new(), asked: Asked::of(plan), shape: None }
    }

    /// What can be said of a head without making an object of it.
    ///
    /// Cost: the attributes up to the last that the filter names are passed over, and those are decoded.
    pub(super) fn ask(&mut self, bytes: &[u8], plan: &Plan, view: &View) -> Answer {
        self.find(bytes, plan, view).unwrap_or(Answer::Unknown)
    }

    /// What these columns of a head read as, of which it was just said that it is wanted; nothing where that takes a closer look.
    pub(super) fn read<'v>(
        &self,
        bytes: &'v [u8],
        asked: &[usize],
        plan: &Plan,
        pass: &mut Pass,
    ) -> Option<Cells<'v>> {
        let ((_, state), (_, shape)) = (split_head(bytes)?, self.shape.as_ref()?);
        plan.columns.read(asked, shape, state, pass)
    }

    fn find(&mut self, bytes: &[u8], plan: &Plan, view: &View) -> Option<Answer> {
        let Asked { columns: asked, filter } = self.asked.as_ref()?;
        let (number, state) = split_head(bytes)?;
        if reads_as_deleted(state) {
            return Some(Answer::Unwanted);
        }
        if self.shape.as_ref().is_none_or(|(known, _)| *known != number) {
            self.shape = Some((number, view.shape(number).ok()?));
        }
        let (_, shape) = self.shape.as_ref()?;
        let is_wanted = match self.pass.lone(shape, state) {
            Some(plain) => filter.holds(&[Some(Cell::Plain(plain))]),
            None => filter.holds(&plan.columns.read(asked, shape, state, &mut self.pass)?),
        };
        Some(if is_wanted { Answer::Wanted } else { Answer::Unwanted })
    }
}

/// A filter that looks at attributes alone.
struct Asked {
    columns: Vec<usize>,
    /// By the places of the columns in this list.
    filter: Bound,
}

impl Asked {
    fn of(plan: &Plan) -> Option<Asked> {
        let filter = &plan.query.filter;
        let columns = plan.columns.of(filter.paths())?;
        let filter = filter.bind(&|path| plan.columns.place(path, &columns))?;
        Some(Asked { columns, filter })
    }
}
