//! The traits that generated code calls: one per strategy, with what the compiler says when a type does not fit.
//!
//! Generated code calls `<FieldType as Max>::write(..)`, so that the compiler's caret stands on the field's type.
//! Each trait has one blanket impl over a public trait, hidden from messages, so that only our words are printed.

use super::sequences::{Characters, Items};
use super::types::{Elements, Entries, Integer, Ordered};
use super::{Field, Violations};
use crate::causal::form::code;
use crate::error::Result;
use crate::strategy::latest_object::{ReadObject, WriteObject};
use crate::strategy::{Codec, ReadPlace, Strategy, WritePlace, custom};
use crate::value;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A field reads as its default while nothing is stored.
fn or_default<T>(read: Option<T>, default: fn() -> T) -> T {
    read.unwrap_or_else(default)
}

/// A counter counts from its default.
fn plus_default<T: Integer>(counted: Option<T>, default: fn() -> T) -> T {
    plus(counted, default())
}

/// What is counted from a start.
pub(super) fn plus<T: Integer>(counted: Option<T>, start: T) -> T {
    match (counted.map(Integer::to_i128), start.to_i128()) {
        (None, _) => start,
        (Some(counted), start) => {
            T::from_i128(counted.unwrap_or(i128::MAX).saturating_add(start.unwrap_or(i128::MAX)))
        }
    }
}

// One hidden trait per strategy, with its blanket impl and its marker for `map(S)`. For each, `ReadPlace` and
// `WritePlace` have a method named like the marker.
macro_rules! strategies {
    ($(
        $name:ident as $marker:ident for ($($bound:tt)+) = $field:expr, $or:path,
        $message:literal,
        $fits:literal;
    )*) => { $(
        #[doc(hidden)]
        #[diagnostic::on_unimplemented(
            message = $message,
            label = "does not fit the strategy",
            note = $fits,
            note = "`latest`, `latest_object`, `first` and `conflict` fit any type that implements serde's `Serialize` and `Deserialize`"
        )]
        pub trait $name: Sized {
            /// What the attribute table says about such a field.
            const FIELD: Field;

            /// The field's value, from what is stored in its place.
            fn read(place: ReadPlace<'_>, default: fn() -> Self) -> Result<Self>;

            /// Puts the field's value into its place, where it differs from what is there.
            fn write(&self, place: &mut WritePlace<'_>, default: fn() -> Self) -> Result<()>;
        }

        #[diagnostic::do_not_recommend]
        impl<T: $($bound)+> $name for T {
            const FIELD: Field = $field;

            #[inline]
            fn read(place: ReadPlace<'_>, default: fn() -> T) -> Result<T> {
                Ok($or(place.$marker()?, default))
            }

            fn write(&self, place: &mut WritePlace<'_>, default: fn() -> T) -> Result<()> {
                place.$marker(self, Some(default))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<V: $($bound)+> Inner<V> for forms::$marker {
            const FIELD: Field = <V as $name>::FIELD;

            fn read(place: ReadPlace<'_>) -> Result<Option<V>> {
                place.$marker()
            }

            fn write(value: &V, place: &mut WritePlace<'_>) -> Result<()> {
                place.$marker(value, None)
            }
        }
    )* };
}

strategies! {
    Latest as latest for (Serialize + DeserializeOwned + 'static) = Field::of(code::LATEST), or_default,
    "`#[merge(latest)]` does not fit a field of type `{Self}`",
    "`latest` needs serde: `#[derive(Serialize, Deserialize)]` on the type, and on what it holds";

    First as first for (Serialize + DeserializeOwned + 'static) = Field::of(code::FIRST), or_default,
    "`#[merge(first)]` does not fit a field of type `{Self}`",
    "`first` needs serde: `#[derive(Serialize, Deserialize)]` on the type, and on what it holds";

    Conflict as conflict for (Serialize + DeserializeOwned + 'static) = Field::of(code::CONFLICT), or_default,
    "`#[merge(conflict)]` does not fit a field of type `{Self}`",
    "`conflict` needs serde: `#[derive(Serialize, Deserialize)]` on the type, and on what it holds";

    Max as max for (Ordered) = Field::of(code::MAX), or_default,
    "`#[merge(max)]` does not fit a field of type `{Self}`",
    "`max` fits integers, floats, `bool`, `char`, `String`, `Nanotime`, `Option` and tuples of these, and types that implement `Ordered`";

    Min as min for (Ordered) = Field::of(code::MIN), or_default,
    "`#[merge(min)]` does not fit a field of type `{Self}`",
    "`min` fits integers, floats, `bool`, `char`, `String`, `Nanotime`, `Option` and tuples of these, and types that implement `Ordered`";

    Counter as counter for (Integer) = Field::of(code::COUNTER), plus_default,
    "`#[merge(counter)]` does not fit a field of type `{Self}`",
    "`counter` fits integers (unsigned ones only grow), and types that implement `Integer`";

    Flag as flag for (Copy + Into<bool> + From<bool>) = Field::of(code::FLAG), or_default,
    "`#[merge(flag)]` does not fit a field of type `{Self}`",
    "`flag` fits `bool`, and `Copy` types that convert from and into `bool`";

    FlagFalseWins as flag_false_wins for (Copy + Into<bool> + From<bool>) = Field::of(code::FLAG_FALSE_WINS), or_default,
    "`#[merge(flag(false_wins))]` does not fit a field of type `{Self}`",
    "`flag(false_wins)` fits `bool`, and `Copy` types that convert from and into `bool`";

    Union as union for (Elements) = Field::of(code::UNION), or_default,
    "`#[merge(union)]` does not fit a field of type `{Self}`",
    "`union` fits `BTreeSet` and `HashSet` of serde types, and types that implement `Elements`";

    Set as set for (Elements) = Field::of(code::SET), or_default,
    "`#[merge(set)]` does not fit a field of type `{Self}`",
    "`set` fits `BTreeSet` and `HashSet` of serde types, and types that implement `Elements`";

    SetRemoveWins as set_remove_wins for (Elements) = Field::of(code::SET_REMOVE_WINS), or_default,
    "`#[merge(set(remove_wins))]` does not fit a field of type `{Self}`",
    "`set(remove_wins)` fits `BTreeSet` and `HashSet` of serde types, and types that implement `Elements`";

    SetLatest as set_latest for (Elements) = Field::of(code::SET_LATEST), or_default,
    "`#[merge(set(latest))]` does not fit a field of type `{Self}`",
    "`set(latest)` fits `BTreeSet` and `HashSet` of serde types, and types that implement `Elements`";

    SetOnce as set_once for (Elements) = Field::of(code::SET_ONCE), or_default,
    "`#[merge(set(once))]` does not fit a field of type `{Self}`",
    "`set(once)` fits `BTreeSet` and `HashSet` of serde types, and types that implement `Elements`";

    List as list for (Items) = Field::of(code::LIST), or_default,
    "`#[merge(list)]` does not fit a field of type `{Self}`",
    "`list` fits `Vec` and `VecDeque` of serde types, and types that implement `Items`; for a list of drones there is `list(nested)`";

    ListMoves as list_moves for (Items) = Field::of(code::LIST_MOVES), or_default,
    "`#[merge(list(moves))]` does not fit a field of type `{Self}`",
    "`list(moves)` fits `Vec` and `VecDeque` of serde types, and types that implement `Items`; for a list of drones there is `list(nested)`";

    Text as text for (Characters) = Field::of(code::TEXT), or_default,
    "`#[merge(text)]` does not fit a field of type `{Self}`",
    "`text` fits `String`, `TextEdit` and `Box<str>`, and types that implement `Characters`";
}

/// What `map(S)` does with the value under a key: the strategy `S` for values of type `V`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(message = "`{Self}` does not fit values of type `{V}`")]
pub trait Inner<V> {
    /// What the attribute table says about such a value.
    const FIELD: Field;

    /// The value; `None` where nothing is stored in its place.
    fn read(place: ReadPlace<'_>) -> Result<Option<V>>;

    /// Puts the value into its place, where it differs from what is there.
    fn write(value: &V, place: &mut WritePlace<'_>) -> Result<()>;

    /// Notes what the drones in the value violate.
    fn check(value: &V, found: &mut Violations) {
        let _ = (value, found);
    }

    /// Brings the drones in the value into their canonical form.
    fn canonicalize(value: &mut V) {
        let _ = value;
    }
}

/// `map(S)`: keys as in `set`, values by `S`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`#[merge(map({S}))]` does not fit a field of type `{Self}`",
    label = "does not fit the strategy",
    note = "`map({S})` fits `BTreeMap` and `HashMap` with serde keys and values that `{S}` fits, and types that implement `Entries`",
    note = "`latest`, `latest_object`, `first` and `conflict` fit any type that implements serde's `Serialize` and `Deserialize`"
)]
pub trait Map<S>: Sized {
    /// What the attribute table says about such a field.
    const FIELD: Field;

    /// The field's value, from what is stored in its place.
    fn read(place: ReadPlace<'_>, default: fn() -> Self) -> Result<Self>;

    /// Puts the field's value into its place, where it differs from what is there.
    fn write(&self, place: &mut WritePlace<'_>, default: fn() -> Self) -> Result<()>;

    /// Notes what the drones in the map violate.
    fn check(&self, found: &mut Violations);

    /// Brings the drones in the map into their canonical form.
    fn canonicalize(&mut self);
}

#[diagnostic::do_not_recommend]
impl<T: Entries, S: Inner<T::Value>> Map<S> for T {
    const FIELD: Field = <S as Inner<T::Value>>::FIELD.in_map();

    fn read(place: ReadPlace<'_>, default: fn() -> T) -> Result<T> {
        Ok(place.map::<T, S>()?.unwrap_or_else(default))
    }

    fn write(&self, place: &mut WritePlace<'_>, default: fn() -> T) -> Result<()> {
        place.map::<T, S>(self, Some(default))
    }

    fn check(&self, found: &mut Violations) {
        for (key, value) in self.iterate() {
            found.below_key(key, |found| S::check(value, found));
        }
    }

    fn canonicalize(&mut self) {
        self.change_each(&mut |value| S::canonicalize(value));
    }
}

#[diagnostic::do_not_recommend]
impl<V: Entries, S: Inner<V::Value>> Inner<V> for forms::map<S> {
    const FIELD: Field = <V as Map<S>>::FIELD;

    fn read(place: ReadPlace<'_>) -> Result<Option<V>> {
        place.map::<V, S>()
    }

    fn write(value: &V, place: &mut WritePlace<'_>) -> Result<()> {
        place.map::<V, S>(value, None)
    }

    fn check(value: &V, found: &mut Violations) {
        <V as Map<S>>::check(value, found);
    }

    fn canonicalize(value: &mut V) {
        <V as Map<S>>::canonicalize(value);
    }
}

/// `with = "P"`: the functions of a user's own strategy.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`#[merge(with = \"…\")]` does not fit a field of type `{Self}`",
    label = "`{P}` is no strategy for this type",
    note = "implement it: `impl dronestore::strategy::Strategy<{Self}> for {P}`"
)]
pub trait Custom<P>: Sized {
    /// What the attribute table says about such a field.
    const FIELD: Field;

    /// The field's value, from what is stored in its place.
    fn read(place: ReadPlace<'_>, default: fn() -> Self) -> Result<Self>;

    /// Puts the field's value into its place, where it differs from what is there.
    fn write(&self, place: &mut WritePlace<'_>, default: fn() -> Self) -> Result<()>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize, P: Strategy<T>> Custom<P> for T {
    const FIELD: Field = Field::custom(P::NAME, P::VERSION);

    fn read(place: ReadPlace<'_>, default: fn() -> T) -> Result<T> {
        Ok(custom::read::<T, P>(place)?.unwrap_or_else(default))
    }

    fn write(&self, place: &mut WritePlace<'_>, default: fn() -> T) -> Result<()> {
        let old = custom::read::<T, P>(place.loaded())?.unwrap_or_else(default);
        custom::write::<T, P>(place, &old, self)
    }
}

/// `latest_object`: one member of the one entry that all such fields share.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`#[merge(latest_object)]` does not fit a field of type `{Self}`",
    label = "does not fit the strategy",
    note = "`latest_object` needs serde: `#[derive(Serialize, Deserialize)]` on the type, and on what it holds"
)]
pub trait LatestObject: Sized {
    /// The member's value, from the shared entry.
    fn read(object: &ReadObject<'_>, name: &str, default: fn() -> Self) -> Result<Self>;

    /// Puts the member's value into the shared entry.
    fn write(&self, object: &mut WriteObject<'_>, name: &str, default: fn() -> Self) -> Result<()>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + 'static> LatestObject for T {
    fn read(object: &ReadObject<'_>, name: &str, default: fn() -> T) -> Result<T> {
        object.get(name).map_or_else(|| Ok(default()), value::decode).map_err(|error| error.at(name))
    }

    fn write(&self, object: &mut WriteObject<'_>, name: &str, default: fn() -> T) -> Result<()> {
        object
            .set(name, self, Codec::of::<T>(), &|out| value::encode_into(&default(), out))
            .map_err(|error| error.at(name))
    }
}

/// What a field without `#[drone(default = …)]` reads as before it is written.
///
/// `Default` under a name of our own, so that a missing one is reported in words that say what to write.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` has no default",
    label = "reads as what before it is written?",
    note = "write `#[drone(default = …)]` on the field, or implement `Default` for `{Self}`"
)]
pub trait DefaultValue {
    /// The type's default.
    fn default_value() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> DefaultValue for T {
    fn default_value() -> T {
        T::default()
    }
}

/// The strategies as types, for the `S` of `map(S)`; named as in the attribute, because messages print them.
#[allow(non_camel_case_types, missing_debug_implementations)]
pub mod forms {
    use std::marker::PhantomData;

    macro_rules! forms {
        ($($name:ident: $attribute:literal),*) => { $(#[doc = $attribute] pub struct $name;)* };
    }
    forms! {
        latest: "`latest`", max: "`max`", min: "`min`", first: "`first`", counter: "`counter`", flag: "`flag`",
        flag_false_wins: "`flag(false_wins)`", conflict: "`conflict`", union: "`union`", set: "`set`",
        set_remove_wins: "`set(remove_wins)`", set_latest: "`set(latest)`", set_once: "`set(once)`",
        list: "`list`", list_moves: "`list(moves)`", list_nested: "`list(nested)`", text: "`text`", nested: "`nested`"
    }

    /// `map(S)`
    pub struct map<S>(PhantomData<S>);
}
