//! `nested` on an `Option`: a drone that may not be there.

use super::places::rendered;
use super::{Field, Inner, Model, Nested, Violations, forms};
use crate::causal::Form;
use crate::error::{Error, Result};
use crate::strategy::{self, Codec, Keys, ReadPlace, WritePlace};

// Stored as a map with one key, null: whether it is there is decided as for any key, and an edit brings back what it
// wrote of a drone that was taken away at the same time.

#[diagnostic::do_not_recommend]
impl<T: Model> Nested for Option<T> {
    const FIELD: Field = <T as Nested>::FIELD.in_option();

    fn read(place: ReadPlace<'_>, default: fn() -> Self) -> Result<Self> {
        Ok(place.option()?.unwrap_or_else(default))
    }

    fn write(&self, place: &mut WritePlace<'_>, default: fn() -> Self) -> Result<()> {
        place.option(self, Some(default))
    }

    fn check(&self, found: &mut Violations) {
        if let Some(drone) = self {
            Model::check(drone, found);
        }
    }

    fn canonicalize(&mut self) {
        if let Some(drone) = self {
            Model::canonicalize(drone);
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Model> Inner<Option<T>> for forms::nested {
    const FIELD: Field = <Option<T> as Nested>::FIELD;

    fn read(place: ReadPlace<'_>) -> Result<Option<Option<T>>> {
        place.option()
    }

    fn write(value: &Option<T>, place: &mut WritePlace<'_>) -> Result<()> {
        place.option(value, None)
    }

    fn check(value: &Option<T>, found: &mut Violations) {
        Nested::check(value, found);
    }

    fn canonicalize(value: &mut Option<T>) {
        Nested::canonicalize(value);
    }
}

/// The key of what is there.
fn keys(is_there: bool) -> Result<Keys> {
    Keys::encode(is_there.then_some(&()).into_iter())
}

impl ReadPlace<'_> {
    fn option<T: Model>(self) -> Result<Option<Option<T>>> {
        if self.is_empty() {
            return Ok(None);
        }
        let field = <T as Nested>::FIELD;
        let items = strategy::map::items(self, Form::trusted(field.form()))?;
        let there = items.into_iter().find(|item| item.key == strategy::NULL);
        let read = || match there {
            Some(item) => <forms::nested as Inner<T>>::read(self.below(item.body)),
            None => Ok(None),
        };
        self.table.deeper(read).map(Some)
    }
}

impl WritePlace<'_> {
    fn option<T: Model>(&mut self, value: &Option<T>, default: Option<fn() -> Option<T>>) -> Result<()> {
        let is_default = || {
            let Some(default) = default.map(|default| default()) else { return Ok(false) };
            Ok(match (&default, value) {
                (None, None) => true,
                (None, Some(_)) | (Some(_), None) => false,
                (Some(_), Some(_)) => {
                    let render = |value: &Option<T>| rendered(&|place| place.option_of(value, &|| Ok(false)));
                    render(&default)? == render(value)?
                }
            })
        };
        self.option_of(value, &is_default)
    }

    fn option_of<T: Model>(
        &mut self,
        value: &Option<T>,
        is_default: &dyn Fn() -> Result<bool>,
    ) -> Result<()> {
        let write = |_, place: &mut WritePlace<'_>| match value {
            Some(value) => <forms::nested as Inner<T>>::write(value, place),
            None => Err(Error::corrupt("a key has no value")),
        };
        let field = <T as Nested>::FIELD;
        let (form, keys_now) = (Form::trusted(field.form()), keys(value.is_some())?);
        // What is taken away was shown: an option shows all it holds.
        let shown = || keys(true);
        let base = &self.scene.base;
        base.deeper(|| {
            strategy::map::write(self, form, &keys_now, Codec::of::<()>(), &shown, is_default, &write)
        })
    }
}
