//! `map(with = "path")`: a user's own strategy for the values of a map.

use super::{Custom, Field, Inner};
use crate::error::Result;
use crate::strategy::{self, ReadPlace, Strategy, WritePlace};
use serde::Serialize;
use std::marker::PhantomData;

/// `with = "P"` as the `S` of `map(S)`.
#[doc(hidden)]
#[allow(non_camel_case_types, missing_debug_implementations)]
pub struct custom<P>(PhantomData<P>);

/// Under a new key the value counts as changed from its type's default.
#[diagnostic::do_not_recommend]
impl<V: Serialize + Default, P: Strategy<V>> Inner<V> for custom<P> {
    const FIELD: Field = <V as Custom<P>>::FIELD;

    fn read(place: ReadPlace<'_>) -> Result<Option<V>> {
        strategy::custom::read::<V, P>(place)
    }

    fn write(value: &V, place: &mut WritePlace<'_>) -> Result<()> {
        match strategy::custom::read::<V, P>(place.loaded())? {
            Some(old) => strategy::custom::write::<V, P>(place, &old, value),
            None => strategy::custom::put::<V, P>(place, &V::default(), value),
        }
    }
}
