//! Declared strategies on Rust types: the traits that generated code calls.

use super::traits::plus;
use super::types::{Integer, Ordered};
use super::{Field, Inner};
use crate::error::Result;
use crate::strategy::{ByDeclaration, Declared, Declares, ReadPlace, WritePlace, counter};
use crate::value::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

macro_rules! declared {
    ($($name:ident as $marker:ident for ($($bound:tt)+), $message:literal, $fits:literal;)*) => { $(
        #[doc(hidden)]
        #[diagnostic::on_unimplemented(message = $message, label = "does not fit the strategy", note = $fits)]
        pub trait $name<D>: Sized {
            /// What the attribute table says about such a field.
            const FIELD: Field;

            /// The field's value, from what is stored in its place.
            fn read(place: ReadPlace<'_>, default: fn() -> Self) -> Result<Self>;

            /// Puts the field's value into its place, where it differs from what is there.
            fn write(&self, place: &mut WritePlace<'_>, default: fn() -> Self) -> Result<()>;
        }

        /// The strategy as the `S` of `map(S)`.
        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_debug_implementations)]
        pub struct $marker<D>(PhantomData<D>);

        #[diagnostic::do_not_recommend]
        impl<V: $($bound)+, D: Declares> Inner<V> for $marker<D> {
            const FIELD: Field = <V as $name<D>>::FIELD;

            fn read(place: ReadPlace<'_>) -> Result<Option<V>> {
                place.$marker::<V, D>()
            }

            fn write(value: &V, place: &mut WritePlace<'_>) -> Result<()> {
                place.$marker::<V, D>(value, None)
            }
        }
    )* };
}

declared! {
    ByRule as by_rule for (Serialize + DeserializeOwned + 'static),
    "this strategy does not fit a field of type `{Self}`",
    "it needs serde: `#[derive(Serialize, Deserialize)]` on the type, and on what it holds";

    Clamped as clamped for (Ordered),
    "`#[merge(clamp(…))]` does not fit a field of type `{Self}`",
    "`clamp` fits integers, floats, `bool`, `char`, `String`, `Nanotime`, `Option` and tuples of these, and types that implement `Ordered`";

    ClampedCounter as clamped_counter for (Integer),
    "`#[merge(clamp(…, counter))]` does not fit a field of type `{Self}`",
    "`counter` fits integers (unsigned ones only grow), and types that implement `Integer`";
}

macro_rules! registers {
    ($($name:ident as $marker:ident for ($($bound:tt)+);)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<T: $($bound)+, D: Declares> $name<D> for T {
            const FIELD: Field = Field::declared(D::CODE, D::declared);

            fn read(place: ReadPlace<'_>, default: fn() -> T) -> Result<T> {
                Ok(place.$marker::<T, D>()?.unwrap_or_else(default))
            }

            fn write(&self, place: &mut WritePlace<'_>, default: fn() -> T) -> Result<()> {
                place.$marker::<T, D>(self, Some(default))
            }
        }

        impl ReadPlace<'_> {
            fn $marker<T: DeserializeOwned, D: Declares>(self) -> Result<Option<T>> {
                self.register::<ByDeclaration<D>, T>()
            }
        }

        impl WritePlace<'_> {
            fn $marker<T: Serialize + DeserializeOwned + 'static, D: Declares>(
                &mut self, value: &T, default: Option<fn() -> T>,
            ) -> Result<()> {
                // What is written may lie beyond the bounds of what is read.
                self.pen.reads_as_written &= D::PLAIN;
                self.register::<ByDeclaration<D>, T>(value, default)
            }
        }
    )* };
}

registers! {
    ByRule as by_rule for (Serialize + DeserializeOwned + 'static);
    Clamped as clamped for (Ordered);
}

#[diagnostic::do_not_recommend]
impl<T: Integer, D: Declares> ClampedCounter<D> for T {
    const FIELD: Field = Field::declared(D::CODE, D::declared);

    fn read(place: ReadPlace<'_>, default: fn() -> T) -> Result<T> {
        bounded::<T, D>(plus(place.counter()?, default()))
    }

    fn write(&self, place: &mut WritePlace<'_>, default: fn() -> T) -> Result<()> {
        place.clamped_counter::<T, D>(self, Some(default))
    }
}

/// A counter keeps its exact sum, and is read within bounds.
fn bounded<T: Integer, D: Declares>(sum: T) -> Result<T> {
    let Declared::Clamp(clamp) = D::declared() else { return Ok(sum) };
    let bounded = clamp.value(Value::from(sum.to_i128()?)).as_integer();
    Ok(bounded.and_then(|bounded| i128::try_from(bounded).ok()).map_or(sum, T::from_i128))
}

impl ReadPlace<'_> {
    fn clamped_counter<T: Integer, D: Declares>(self) -> Result<Option<T>> {
        self.counter::<T>()?.map(bounded::<T, D>).transpose()
    }
}

impl WritePlace<'_> {
    fn clamped_counter<T: Integer, D: Declares>(
        &mut self,
        value: &T,
        default: Option<fn() -> T>,
    ) -> Result<()> {
        let counted = self.loaded().counter::<T>()?;
        let is_new_key = counted.is_none() && default.is_none();
        let shown = match default {
            Some(default) => bounded::<T, D>(plus(counted, default()))?.to_i128()?,
            None => counted.map_or(Ok(0), |counted| bounded::<T, D>(counted)?.to_i128())?,
        };
        let difference = value.to_i128()?.saturating_sub(shown);
        self.pen.reads_as_written = false;
        counter::add(self, difference, T::UNSIGNED, is_new_key)
    }
}

/// What generated code makes declared strategies of.
pub mod rules {
    use super::{Integer, Serialize, Value};
    use crate::causal::form::code;
    pub use crate::strategy::{Clamp, Declared, Declares};
    use crate::value::to_value;
    pub use std::sync::LazyLock;

    /// The code of a strategy that is nothing but declared.
    pub const DECLARED: u8 = code::DECLARED;
    /// The codes of what may stand inside `clamp`: bounds are put on and taken off at any time.
    pub const LATEST: u8 = code::LATEST;
    /// The same for `max`.
    pub const MAX: u8 = code::MAX;
    /// The same for `min`.
    pub const MIN: u8 = code::MIN;
    /// The same for `counter`.
    pub const COUNTER: u8 = code::COUNTER;

    /// `rank(…)` of these values; one that cannot be encoded is never met.
    pub fn rank<T: Serialize, const N: usize>(values: [T; N]) -> Declared {
        Declared::Rank(values.iter().filter_map(|value| to_value(value).ok()).collect())
    }

    /// `any_of(…)`.
    pub fn any_of<const N: usize>(rules: [Declared; N]) -> Declared {
        Declared::AnyOf(rules.into())
    }

    /// The parts of a path.
    pub fn path(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| (*part).to_owned()).collect()
    }

    /// `clamp(…)` of a register.
    pub fn clamp<T: Serialize>(least: Option<T>, most: Option<T>, of: Declared) -> Declared {
        let bound = |bound: Option<T>| bound.and_then(|bound| to_value(&bound).ok());
        Declared::Clamp(Box::new(Clamp { least: bound(least), most: bound(most), of }))
    }

    /// `clamp(…, counter)`.
    pub fn clamp_counter<T: Integer>(least: Option<T>, most: Option<T>) -> Declared {
        let bound = |bound: Option<T>| bound.and_then(|bound| bound.to_i128().ok()).map(Value::from);
        Declared::Clamp(Box::new(Clamp { least: bound(least), most: bound(most), of: Declared::Counter }))
    }
}
