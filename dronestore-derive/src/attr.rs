//! Reads the words of `#[merge(…)]` and `#[drone(…)]`.

mod drone;
mod merge;
mod term;

pub(crate) use drone::{FieldOptions, StructOptions};
pub(crate) use merge::{Rule, Strategy};
