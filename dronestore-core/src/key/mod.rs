//! Key: the hierarchical name of an object.
//!
//! ```text
//! /Comedy/MontyPython/Actor:JohnCleese
//! ```
//!
//! # Grammar of the text form
//!
//! ```text
//! key       = "/" | 1*64( "/" namespace )        "/" alone is the root, which has no namespaces
//! namespace = [ field ":" ] name
//! field     = 1*character
//! name      = 1*character
//! character = any character but "/" ":" "%" and control characters
//!           | "%" HEX HEX                        consecutive escapes together are UTF-8
//! ```
//!
//! Every Unicode text is a legal name: what the grammar gives a meaning to is escaped. Parsing accepts any escape;
//! display escapes `/`, `:`, `%` and control characters, with upper case digits, and nothing else. So every key has
//! one canonical text, and the way from key to text and back loses nothing. Nothing is normalized: `é` in one
//! code point and `é` in two are different names, and `.` and `..` are names like any other.
//!
//! # Laws
//!
//! A key *is* its encoded bytes (see [`Key::as_encoded`]); they are what stores hold and what is compared.
//!
//! 1. One key has one encoding and one canonical text.
//! 2. The order of keys is the order of their bytes is the hierarchical order: namespace by namespace, an ancestor
//!    before its descendants. Two namespaces compare by what stands first in them (the field if there is one, else
//!    the name), then one without a field comes before those with it, then by name; texts compare by their UTF-8.
//! 3. The bytes of a key begin with those of another if and only if the other is the same key or an ancestor.
//! 4. A key with all its descendants is one contiguous range ([`Key::range`]), so are its descendants alone
//!    ([`Key::descendants_range`]), and so are all instances of one field below one parent ([`Key::field_range`]).
//! 5. A key has at most [`Key::MAX_BYTES`] encoded bytes and [`Key::MAX_NAMESPACES`] namespaces.
//!
//! A key is not a path in a file system: a store that makes files of keys escapes them by its own rules.

mod encode;
#[cfg(test)]
mod laws;
mod parse;
mod walk;

use std::sync::Arc;

pub use walk::Namespace;

/// The hierarchical name of an object, such as `/Comedy/MontyPython/Actor:JohnCleese`.
///
/// A key is a list of namespaces, each a name with an optional field. By convention the last one names an object:
/// the field is its kind, the name its own. See the [module](self) for grammar and laws.
///
/// Cloning is a reference count; comparing and hashing go over bytes; [`Key::for_kind`] allocates once.
///
/// ```
/// use dronestore_core::Key;
///
/// let key: Key = "/Comedy/MontyPython/Actor:JohnCleese".parse()?;
/// assert_eq!(key.name(), "JohnCleese");
/// assert_eq!(key.field().as_deref(), Some("Actor"));
/// assert!(key.is_descendant_of(&"/Comedy".parse()?));
///
/// // A name never changes the hierarchy, whatever it contains.
/// let odd = Key::for_kind("Person", "a/b:c")?;
/// assert_eq!(odd.to_string(), "/Person:a%2Fb%3Ac");
/// assert_eq!(odd.name(), "a/b:c");
/// # Ok::<(), dronestore_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<[u8]>);

impl Key {
    /// The most encoded bytes that a key may have.
    ///
    /// Every store holds keys of this length, also those (as object stores do) that allow 1,024 bytes and no more.
    pub const MAX_BYTES: usize = 1024;

    /// The most namespaces that a key may have.
    pub const MAX_NAMESPACES: usize = 64;
}
