//! Models: what a type that derives `Drone` says about itself, and how it is read from and written to versions.

mod attribute;
mod check;
mod commit;
mod convert;
mod declared;
mod fields;
mod gap;
mod indexes;
mod link;
mod list_nested;
mod nested;
mod optional;
mod places;
mod searched;
mod sequences;
mod text_edit;
mod traits;
mod types;
mod with;

pub use attribute::{Attribute, Field, Member, Source};
pub use check::{Violation, Violations};
pub use commit::{Committed, Loaded, changes, commit, commit_ruled, fresh, load, load_ruled};
pub use convert::{Convert, Converted, check_conversion};
pub use declared::{ByRule, Clamped, ClampedCounter, by_rule, clamped, clamped_counter, rules};
pub use fields::{FieldsReader, FieldsWriter};
pub use indexes::{AskedIndex, AskedPart, AskedStep, Nests};
pub use link::Links;
pub use list_nested::{Id, Identified, ListNested};
pub use nested::Nested;
pub use searched::Searchable;
pub use sequences::{Characters, Items};
pub use text_edit::TextEdit;
pub use traits::{
    Conflict, Counter, Custom, DefaultValue, First, Flag, FlagFalseWins, Inner, Latest, LatestObject, List,
    ListMoves, Map, Max, Min, Set, SetLatest, SetOnce, SetRemoveWins, Text, Union, forms,
};
pub use types::{Element, Elements, Entries, Integer, Ordered};
pub use with::custom;

use crate::error::{Error, ErrorKind, Result};
use crate::value::Value;

/// What `#[derive(Drone)]` implements: the names and forms of the attributes, and the way in and out.
///
/// Never implemented by hand: the derive checks what this trait cannot.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no drone",
    label = "this type does not derive `Drone`",
    note = "add `#[derive(Drone)]` to the struct, and a `#[merge(…)]` to each of its fields"
)]
pub trait Model: Sized + 'static {
    /// The stored name of the model.
    const KIND: &'static str;
    /// The attributes in the order of their stored names; a `latest_object` group comes first, with no name.
    const ATTRIBUTES: &'static [Attribute];

    /// The handles of the fields, one a field under its name: what queries are written with.
    type Fields;

    /// Makes them.
    fn handles() -> Self::Fields;

    /// What the field of this stored name reads as before anything was written, where that can be said as a value.
    fn default_of(name: &str) -> Option<Value>;

    /// Whether the model asks for indexes.
    const IS_INDEXED: bool = false;

    /// The indexes that it asks for.
    fn indexes() -> Vec<AskedIndex> {
        Vec::new()
    }

    /// The fields whose texts are searched.
    fn searched() -> Vec<AskedPart> {
        Vec::new()
    }

    /// Reads the fields, in the order of [`Model::ATTRIBUTES`].
    ///
    /// # Errors
    /// [`InvalidValue`](ErrorKind::InvalidValue) where a stored value is not of the field's type.
    fn read(fields: &mut FieldsReader<'_>) -> Result<Self>;

    /// Writes the fields that differ from what was loaded, in the order of [`Model::ATTRIBUTES`].
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) where a strategy forbids the change,
    /// [`InvalidValue`](ErrorKind::InvalidValue) where a value cannot be stored.
    fn write(&self, fields: &mut FieldsWriter<'_>) -> Result<()>;

    /// Brings the fields into the form that the model says is canonical; a commit begins with it.
    fn canonicalize(&mut self) {}

    /// Notes what the value violates of what the model asks: `required`, `validate`, `link`.
    fn check(&self, found: &mut Violations) {
        let _ = found;
    }

    /// Moves the fields that are not stored from `from` to `self`.
    fn carry(&mut self, from: Self);
}

/// What a model with mistakes in it does, so that the rest of the program still compiles.
///
/// # Errors
/// Always.
pub fn broken<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Unsupported, "this model did not compile"))
}
