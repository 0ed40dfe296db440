//! Which indexes a model asks for, as plain data.

use crate::value::Value;

/// An index that a model asks for: `#[drone(index)]`, `#[drone(unique)]`.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedIndex {
    /// Whether no two objects should have the same values.
    pub unique: bool,
    /// What is compared first, then what next.
    pub parts: Vec<AskedPart>,
}

/// One field of it.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedPart {
    /// The stored name of the model's own field.
    pub attribute: String,
    /// The way into its value.
    pub steps: Vec<AskedStep>,
    /// Whether each element counts.
    pub each: bool,
}

/// A step into a value.
#[derive(Debug, Clone, PartialEq)]
pub enum AskedStep {
    /// The field of a nested drone.
    At(Value),
    /// This, where nothing was written.
    Or(Value),
}

impl AskedIndex {
    /// An index of these fields; made by the derive.
    #[doc(hidden)]
    pub fn new(unique: bool, parts: Vec<AskedPart>) -> AskedIndex {
        AskedIndex { unique, parts }
    }
}

/// What fields of a drone there are below a field: those of the drone in it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no nested drone, and has no fields to index",
    label = "no fields of it are stored apart"
)]
pub trait Nests {
    /// The drone.
    type Drone: super::Model;
}

#[diagnostic::do_not_recommend]
impl<T: super::Model> Nests for T {
    type Drone = T;
}

#[diagnostic::do_not_recommend]
impl<T: super::Model> Nests for Option<T> {
    type Drone = T;
}
