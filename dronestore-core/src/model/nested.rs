//! `nested`: a drone inside a drone, on Rust types.

use super::{Field, Inner, Model, Violations, forms};
use crate::error::Result;
use crate::strategy::{ReadPlace, WritePlace};

/// `nested`: a drone, or an `Option` of one, field by field.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`#[merge(nested)]` does not fit a field of type `{Self}`",
    label = "does not fit the strategy",
    note = "`nested` fits types that derive `Drone`",
    note = "`latest`, `latest_object`, `first` and `conflict` fit any type that implements serde's `Serialize` and `Deserialize`"
)]
pub trait Nested: Sized {
    /// What the attribute table says about such a field.
    const FIELD: Field;

    /// The field's value, from what is stored in its place.
    fn read(place: ReadPlace<'_>, default: fn() -> Self) -> Result<Self>;

    /// Puts the field's value into its place, where it differs from what is there.
    fn write(&self, place: &mut WritePlace<'_>, default: fn() -> Self) -> Result<()>;

    /// Notes what the drone violates.
    fn check(&self, found: &mut Violations);

    /// Brings the drone into its canonical form.
    fn canonicalize(&mut self);
}

#[diagnostic::do_not_recommend]
impl<T: Model> Nested for T {
    const FIELD: Field = Field::nested(|| (T::KIND, T::ATTRIBUTES));

    fn read(place: ReadPlace<'_>, default: fn() -> T) -> Result<T> {
        Ok(place.nested()?.unwrap_or_else(default))
    }

    fn write(&self, place: &mut WritePlace<'_>, default: fn() -> T) -> Result<()> {
        place.nested(self, Some(default))
    }

    fn check(&self, found: &mut Violations) {
        Model::check(self, found);
    }

    fn canonicalize(&mut self) {
        Model::canonicalize(self);
    }
}

#[diagnostic::do_not_recommend]
impl<V: Model> Inner<V> for forms::nested {
    const FIELD: Field = <V as Nested>::FIELD;

    fn read(place: ReadPlace<'_>) -> Result<Option<V>> {
        place.nested()
    }

    fn write(value: &V, place: &mut WritePlace<'_>) -> Result<()> {
        place.nested(value, None)
    }

    fn check(value: &V, found: &mut Violations) {
        Model::check(value, found);
    }

    fn canonicalize(value: &mut V) {
        Model::canonicalize(value);
    }
}
