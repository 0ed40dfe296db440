//! Conversions: a field of one type that is stored as another, so that programs with either share the data.

use super::types::Ordered;
use crate::error::{Error, ErrorKind, Result};
use crate::value;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// A way between a field's type `T` and the type that is stored, for `#[drone(convert = "path::to::Type")]`.
///
/// What is stored is of the type [`Stored`](Convert::Stored) for ever: a program from before the change goes on reading
/// and writing it. Law: `load(store(value))` is `value`, for every value that can be stored; see [`check_conversion`].
///
/// ```
/// use dronestore_core::model::{Convert, check_conversion};
/// use dronestore_core::{Error, ErrorKind, Result};
///
/// /// House numbers were numbers until somebody moved into 12a.
/// struct Number;
///
/// impl Convert<String> for Number {
///     type Stored = u32;
///
///     fn load(stored: u32) -> Result<String> {
///         Ok(stored.to_string())
///     }
///     fn store(value: &String) -> Result<u32> {
///         value.parse().map_err(|_| Error::new(ErrorKind::InvalidValue, format!("`{value}` is no number")))
///     }
/// }
///
/// check_conversion::<Number, String>(["0", "12"].map(String::from))?;
/// assert!(check_conversion::<Number, String>(["012".to_owned()]).is_err());
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not convert a field of type `{T}`",
    label = "this field's type needs `impl Convert<{T}> for {Self}`",
    note = "`convert` names a type that implements `dronestore::Convert`: `type Stored` is what older programs store, `load` and `store` go between it and `{T}`"
)]
pub trait Convert<T> {
    /// What is stored.
    type Stored: Serialize + DeserializeOwned + 'static;

    /// The field's value from what is stored.
    ///
    /// # Errors
    /// Where an older program has stored what the field cannot hold: then the object does not load.
    fn load(stored: Self::Stored) -> Result<T>;

    /// What to store for a value.
    ///
    /// # Errors
    /// Where what is stored cannot hold the value: then the commit fails.
    fn store(value: &T) -> Result<Self::Stored>;
}

/// Checks the law of a conversion on examples: each value that is stored and loaded is stored as the same again, and
/// reads as it did.
///
/// # Errors
/// [`InvalidValue`](ErrorKind::InvalidValue) naming the first value that comes back as another, or does not come back.
pub fn check_conversion<C: Convert<T>, T: PartialEq + fmt::Debug>(
    values: impl IntoIterator<Item = T>,
) -> Result<()> {
    for value in values {
        let round = || -> Result<T> {
            let bytes = value::encode(&C::store(&value)?)?;
            C::load(value::decode(&bytes)?)
        };
        let back = round().map_err(|error| error.at(format_args!("{value:?}")))?;
        if back != value {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!("{value:?} comes back as {back:?}: the conversion loses something"),
            ));
        }
    }
    Ok(())
}

/// A field's value as it is stored: what strategies are given in place of a field with a conversion.
#[doc(hidden)]
pub struct Converted<C: Convert<T>, T> {
    /// An error where it is a default that cannot be stored.
    stored: Result<C::Stored>,
    field: PhantomData<fn() -> T>,
}

impl<C: Convert<T>, T> Converted<C, T> {
    /// From the field.
    ///
    /// # Errors
    /// What the conversion gives.
    pub fn store(value: &T) -> Result<Self> {
        Ok(Converted { stored: Ok(C::store(value)?), field: PhantomData })
    }

    /// From the field's default; where it cannot be stored, whoever reads or writes it is told.
    pub fn default(value: &T) -> Self {
        Converted { stored: C::store(value).map_err(|error| error.at("its default")), field: PhantomData }
    }

    /// To the field.
    ///
    /// # Errors
    /// What the conversion gives.
    pub fn load(self) -> Result<T> {
        C::load(self.stored?)
    }
}

impl<C: Convert<T>, T> fmt::Debug for Converted<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Converted").finish_non_exhaustive()
    }
}

impl<C: Convert<T>, T> Serialize for Converted<C, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.stored {
            Ok(stored) => stored.serialize(serializer),
            Err(error) => Err(serde::ser::Error::custom(error)),
        }
    }
}

/// Through the field and back: what the field reads alike is no change, however an older program spelled it.
impl<'de, C: Convert<T>, T> Deserialize<'de> for Converted<C, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = C::Stored::deserialize(deserializer)?;
        C::load(stored).and_then(|value| Self::store(&value)).map_err(D::Error::custom)
    }
}

impl<C: Convert<T>, T> PartialEq for Converted<C, T>
where
    C::Stored: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        matches!((&self.stored, &other.stored), (Ok(stored), Ok(other)) if stored == other)
    }
}

impl<C: Convert<T>, T> PartialOrd for Converted<C, T>
where
    C::Stored: PartialOrd,
{
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match (&self.stored, &other.stored) {
            (Ok(stored), Ok(other)) => stored.partial_cmp(other),
            _ => None,
        }
    }
}

/// The order that counts is that of what is stored: every program must find the same largest.
impl<C: Convert<T> + 'static, T: 'static> Ordered for Converted<C, T> where C::Stored: Ordered {}
