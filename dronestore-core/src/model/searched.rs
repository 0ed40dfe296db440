//! Which types hold text that can be searched.

use super::Model;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A type in which there is text to be found: what `#[drone(search)]` needs.
///
/// Of a list and a set each item counts, of a map each value, of a nested drone each of its fields. Implement it for a type of
/// your own that is stored as text, or as something in which there is text.
#[diagnostic::on_unimplemented(
    message = "there is no text to be found in a field of type `{Self}`",
    label = "this is not stored as text",
    note = "`#[drone(search)]` goes with `String`, with options, lists, sets and maps of it, and with nested drones",
    note = "for a type of your own that is stored as text: `impl dronestore::Searchable for {Self} {{}}`"
)]
pub trait Searchable {
    /// What the derive names, so that the compiler speaks of the field.
    #[doc(hidden)]
    const HELD: () = ();
}

#[diagnostic::do_not_recommend]
impl<T: Model> Searchable for T {}

#[diagnostic::do_not_recommend]
impl Searchable for String {}

#[diagnostic::do_not_recommend]
impl<T: Searchable> Searchable for Option<T> {}

#[diagnostic::do_not_recommend]
impl<T: Searchable> Searchable for Vec<T> {}

#[diagnostic::do_not_recommend]
impl<T: Searchable> Searchable for BTreeSet<T> {}

#[diagnostic::do_not_recommend]
impl<T: Searchable, S> Searchable for HashSet<T, S> {}

#[diagnostic::do_not_recommend]
impl<K, V: Searchable> Searchable for BTreeMap<K, V> {}

#[diagnostic::do_not_recommend]
impl<K, V: Searchable, S> Searchable for HashMap<K, V, S> {}
