//! What a type is, as far as a strategy must know: ordered, a whole number, a set, a map.
//!
//! Small traits that a user implements for types of their own; the types of std have them.

use crate::error::{Error, ErrorKind, Result};
use crate::time::Nanotime;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

/// A type whose Rust order is the order of its stored values: what `max` and `min` need.
///
/// Implement it for a type of your own when its `PartialOrd` compares what its `Serialize` writes, as it does for
/// a newtype of an ordered type that derives both.
///
/// A value that is not ordered against itself (a NaN) is refused at commit.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not known to be ordered as it is stored",
    note = "for a type of your own whose order is that of its stored value: `impl Ordered for {Self} {{}}`"
)]
pub trait Ordered: Serialize + DeserializeOwned + PartialOrd + 'static {}

/// A whole number that two devices can add to: what `counter` needs.
///
/// Totals are summed as `i128`, so that the sum over many devices is only cut where it is read.
pub trait Integer: Copy {
    /// Whether values below zero do not exist, and a counter of this type only grows.
    const UNSIGNED: bool;

    /// The value as a summand.
    ///
    /// # Errors
    /// `InvalidValue` when it is above the largest `i128`.
    fn to_i128(self) -> Result<i128>;

    /// The value of a sum: the end of the type's range where it cannot hold it.
    fn from_i128(sum: i128) -> Self;
}

/// A value that a set can hold or a map can be keyed by: any serde type that can be compared for equality.
///
/// Never implemented by hand.
pub trait Element: Serialize + DeserializeOwned + Eq + 'static {}

/// A set as a user holds it: what `union` and `set` need.
pub trait Elements: Sized {
    /// What the set holds.
    type Item: Element;

    /// All elements, in any order, each once.
    fn iterate(&self) -> impl Iterator<Item = &Self::Item>;

    /// The set of these elements.
    ///
    /// # Errors
    /// The first error among the elements.
    fn gather(items: impl Iterator<Item = Result<Self::Item>>) -> Result<Self>;
}

/// A map as a user holds it: what `map(…)` needs.
pub trait Entries: Sized {
    /// What the map is keyed by.
    type Key: Element;
    /// What it holds under a key; the inner strategy says what this must be.
    type Value;

    /// All entries, in any order, each key once.
    fn iterate(&self) -> impl Iterator<Item = (&Self::Key, &Self::Value)>;

    /// Calls this on every value, to be changed in place.
    ///
    /// `#[drone(canonicalize = …)]` of the drones in a map goes this way; where it is left out, they stay as they are.
    fn change_each(&mut self, change: &mut dyn FnMut(&mut Self::Value)) {
        let _ = change;
    }

    /// The map of these entries.
    ///
    /// # Errors
    /// The first error among the entries.
    fn gather(entries: impl Iterator<Item = Result<(Self::Key, Self::Value)>>) -> Result<Self>;
}

macro_rules! ordered {
    ($($ty:ty),*) => { $(impl Ordered for $ty {})* };
}
ordered!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);
ordered!(bool, char, String, f32, f64, Nanotime, ());

impl<T: Ordered> Ordered for Option<T> {}
impl<T: Ordered> Ordered for Box<T> {}

macro_rules! ordered_tuples {
    ($(($($part:ident),+))*) => { $(impl<$($part: Ordered),+> Ordered for ($($part,)+) {})* };
}
ordered_tuples! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) }

macro_rules! integers {
    ($($ty:ty: $unsigned:literal),*) => { $(
        impl Integer for $ty {
            const UNSIGNED: bool = $unsigned;

            fn to_i128(self) -> Result<i128> {
                // One body serves all widths; most of these conversions cannot fail.
                #[allow(clippy::useless_conversion, clippy::unnecessary_fallible_conversions)]
                i128::try_from(self).map_err(|_| range(self, "i128"))
            }

            fn from_i128(sum: i128) -> Self {
                let end = if sum < 0 { <$ty>::MIN } else { <$ty>::MAX };
                #[allow(clippy::useless_conversion, clippy::unnecessary_fallible_conversions)]
                <$ty>::try_from(sum).unwrap_or(end)
            }
        }
    )* };
}
integers! {
    i8: false, i16: false, i32: false, i64: false, i128: false, isize: false,
    u8: true, u16: true, u32: true, u64: true, u128: true, usize: true
}

#[cold]
fn range(value: impl std::fmt::Display, ty: &str) -> Error {
    Error::new(ErrorKind::InvalidValue, format!("`{value}` is outside the range of `{ty}`"))
}

impl<T: Serialize + DeserializeOwned + Eq + 'static> Element for T {}

impl<E: Element + Ord> Elements for BTreeSet<E> {
    type Item = E;

    fn iterate(&self) -> impl Iterator<Item = &E> {
        self.iter()
    }

    fn gather(items: impl Iterator<Item = Result<E>>) -> Result<Self> {
        // One by one: most sets are small, and collecting would gather and sort them first.
        let mut set = BTreeSet::new();
        for item in items {
            set.insert(item?);
        }
        Ok(set)
    }
}

impl<E: Element + Hash, S: BuildHasher + Default> Elements for HashSet<E, S> {
    type Item = E;

    fn iterate(&self) -> impl Iterator<Item = &E> {
        self.iter()
    }

    fn gather(items: impl Iterator<Item = Result<E>>) -> Result<Self> {
        items.collect()
    }
}

impl<K: Element + Ord, V> Entries for BTreeMap<K, V> {
    type Key = K;
    type Value = V;

    fn iterate(&self) -> impl Iterator<Item = (&K, &V)> {
        self.iter()
    }

    fn change_each(&mut self, change: &mut dyn FnMut(&mut V)) {
        self.values_mut().for_each(change);
    }

    fn gather(entries: impl Iterator<Item = Result<(K, V)>>) -> Result<Self> {
        let mut map = BTreeMap::new();
        for entry in entries {
            let (key, value) = entry?;
            map.insert(key, value);
        }
        Ok(map)
    }
}

impl<K: Element + Hash, V, S: BuildHasher + Default> Entries for HashMap<K, V, S> {
    type Key = K;
    type Value = V;

    fn iterate(&self) -> impl Iterator<Item = (&K, &V)> {
        self.iter()
    }

    fn change_each(&mut self, change: &mut dyn FnMut(&mut V)) {
        self.values_mut().for_each(change);
    }

    fn gather(entries: impl Iterator<Item = Result<(K, V)>>) -> Result<Self> {
        entries.collect()
    }
}
