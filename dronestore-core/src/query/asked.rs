//! From the handles of a model's fields to the indexes that it asks for; used by the derive.

use super::index::IndexPart;
use super::path::{Path, Root, Step};
use super::typed::Field;
use crate::model::{AskedPart, AskedStep, Elements, Entries, Items, Model, Nests};
use serde::Serialize;
use std::fmt;

/// The handles of the drone that is nested in a field.
#[doc(hidden)]
pub fn fields_below<R, F: Nests>(_: &Field<R, F>) -> <F::Drone as Model>::Fields {
    F::Drone::handles()
}

/// A field that is to be indexed: of a set, list or map each element, of everything else the value.
#[doc(hidden)]
pub struct IndexOf<R, F>(pub Field<R, F>);

impl<R, F> fmt::Debug for IndexOf<R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What can be compared in a query.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot be indexed",
    label = "queries have no order for this",
    note = "queries compare what implements serde's `Serialize`; of a nested drone index a field: `#[drone(index(home.city))]` on the struct"
)]
pub trait Comparable {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Comparable for T {}

#[doc(hidden)]
pub trait IndexWhole {
    type Type;
    fn asked(&self) -> AskedPart
    where
        Self::Type: Comparable;
}

impl<R, F> IndexWhole for IndexOf<R, F> {
    type Type = F;

    fn asked(&self) -> AskedPart
    where
        F: Comparable,
    {
        asked(&self.0.path(), false)
    }
}

#[doc(hidden)]
pub trait IndexItems {
    fn asked(&self) -> AskedPart;
}

impl<R, F: Items> IndexItems for &IndexOf<R, F> {
    fn asked(&self) -> AskedPart {
        asked(&self.0.path(), true)
    }
}

#[doc(hidden)]
pub trait IndexEntries {
    fn asked(&self) -> AskedPart;
}

impl<R, F: Entries> IndexEntries for &&IndexOf<R, F> {
    fn asked(&self) -> AskedPart {
        asked(&self.0.path(), true)
    }
}

#[doc(hidden)]
pub trait IndexElements {
    fn asked(&self) -> AskedPart;
}

impl<R, F: Elements> IndexElements for &&&IndexOf<R, F> {
    fn asked(&self) -> AskedPart {
        asked(&self.0.path(), true)
    }
}

/// A field whose texts are searched.
#[doc(hidden)]
pub fn searched<R, F>(field: &Field<R, F>) -> AskedPart {
    asked(&field.path(), false)
}

fn asked(path: &Path, each: bool) -> AskedPart {
    let attribute = match &path.root {
        Root::Attribute(name) => name.clone(),
        _ => String::new(),
    };
    let step = |step: &Step| match step {
        Step::At(key) => Some(AskedStep::At(key.clone())),
        Step::Or(default) => Some(AskedStep::Or(default.clone())),
        Step::Len => None,
    };
    AskedPart { attribute, steps: path.steps.iter().filter_map(step).collect(), each }
}

impl From<AskedPart> for IndexPart {
    fn from(asked: AskedPart) -> IndexPart {
        let step = |step| match step {
            AskedStep::At(key) => Step::At(key),
            AskedStep::Or(default) => Step::Or(default),
        };
        IndexPart::at(asked.attribute, asked.steps.into_iter().map(step).collect(), asked.each)
    }
}
