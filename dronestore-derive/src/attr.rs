//! Reads the words of `#[merge(…)]` and `#[drone(…)]`.

mod declared;
mod drone;
mod index;
mod merge;
mod term;

pub(crate) use declared::{Declared, Kind};
pub(crate) use drone::{FieldOptions, StructOptions};
pub(crate) use index::IndexOption;
pub(crate) use merge::{Rule, Strategy};
