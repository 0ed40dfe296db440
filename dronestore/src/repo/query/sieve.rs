//! Sieve: of a walk over heads, what the filter does not want is passed over before an object is made of its row.

use super::scan::Plan;
use crate::repo::shapes::split_head;
use crate::repo::view::View;
use dronestore_core::query::{Path, Root};
use dronestore_core::schema::{Column, Pass};
use dronestore_core::version::{Shape, reads_as_deleted};
use std::borrow::Cow;
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
    /// The columns that the filter looks at; none where it looks at something else too, or where there are several schemas.
    asked: Vec<usize>,
    /// The shape of the last row, which is mostly that of the next.
    shape: Option<(u32, Arc<Shape>)>,
}

impl Sieve {
    pub(super) fn new(plan: &Plan) -> Sieve {
        Sieve { pass: Pass::new(), asked: asked(plan).unwrap_or_default(), shape: None }
    }

    /// What can be said of a head without making an object of it.
    ///
    /// Cost: the attributes up to the last that the filter names are passed over, and those are decoded.
    pub(super) fn ask(&mut self, bytes: &[u8], plan: &Plan, view: &View) -> Answer {
        if self.asked.is_empty() {
            return Answer::Unknown;
        }
        self.find(bytes, plan, view).unwrap_or(Answer::Unknown)
    }

    fn find(&mut self, bytes: &[u8], plan: &Plan, view: &View) -> Option<Answer> {
        let (number, state) = split_head(bytes)?;
        if reads_as_deleted(state) {
            return Some(Answer::Unwanted);
        }
        if self.shape.as_ref().is_none_or(|(known, _)| *known != number) {
            self.shape = Some((number, view.shape(number).ok()?));
        }
        let (_, shape) = self.shape.as_ref()?;
        let (schema, columns) = plan.columns.single()?;
        let (asked, names) = (&self.asked, |index: usize| columns.get(index).map(Column::name));
        let values = self.pass.read(shape, state, asked.len(), |index| (schema, &columns[asked[index]]))?;
        let is_wanted = plan.query.filter.holds(&|path| {
            let found = asked.iter().zip(values).find(|(index, _)| is_of(path, names(**index)));
            Ok(path.follow(found.and_then(|(_, value)| value.as_ref()).map(Cow::Borrowed)))
        });
        Some(if is_wanted.ok()? { Answer::Wanted } else { Answer::Unwanted })
    }
}

/// The columns of a filter that looks at attributes alone.
fn asked(plan: &Plan) -> Option<Vec<usize>> {
    let (_, columns) = plan.columns.single()?;
    let place = |path| columns.iter().position(|column| is_of(path, Some(column.name())));
    let mut asked = plan.query.filter.paths().into_iter().map(place).collect::<Option<Vec<usize>>>()?;
    asked.sort_unstable();
    asked.dedup();
    Some(asked)
}

fn is_of(path: &Path, name: Option<&str>) -> bool {
    matches!(&path.root, Root::Attribute(attribute) if Some(&**attribute) == name)
}
