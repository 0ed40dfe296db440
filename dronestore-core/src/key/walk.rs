//! Walking the hierarchy: up, down, and through the namespaces.

use super::Key;
use super::encode::{END, FIELD, join, part};
use crate::error::{Error, ErrorKind, Result};
use crate::quote::Quoted;
use std::borrow::Cow;
use std::sync::Arc;

impl Key {
    /// The root, `/`: it has no namespaces, and is an ancestor of every other key.
    pub fn root() -> Key {
        Key(Arc::default())
    }

    /// The key `/kind:name` of an object directly below the root. About 30 ns and one allocation.
    ///
    /// # Errors
    /// [`InvalidKey`](ErrorKind::InvalidKey) if the kind or the name is empty, or the key too long.
    ///
    /// ```
    /// use dronestore_core::Key;
    ///
    /// assert_eq!(Key::for_kind("Person", "jbenet")?, "/Person:jbenet".parse()?);
    /// # Ok::<(), dronestore_core::Error>(())
    /// ```
    #[inline]
    pub fn for_kind(kind: &str, name: &str) -> Result<Key> {
        join(&[], Some(kind), name)
    }

    /// The key one namespace below this one, without a field: any text is one name, whatever it contains.
    ///
    /// # Errors
    /// [`InvalidKey`](ErrorKind::InvalidKey) if the name is empty, or the key too long or too deep.
    ///
    /// ```
    /// use dronestore_core::Key;
    ///
    /// let key = Key::root().child("Comedy")?.child("n/a")?.child_in("Actor", "John")?;
    /// assert_eq!(key.to_string(), "/Comedy/n%2Fa/Actor:John");
    /// # Ok::<(), dronestore_core::Error>(())
    /// ```
    pub fn child(&self, name: &str) -> Result<Key> {
        join(&self.0, None, name)
    }

    /// The key one namespace below this one, with a field: `/Team:red` and `Person`, `ann` give
    /// `/Team:red/Person:ann`.
    ///
    /// # Errors
    /// As [`Key::child`], and if the field is empty.
    pub fn child_in(&self, field: &str, name: &str) -> Result<Key> {
        join(&self.0, Some(field), name)
    }

    /// The instance `name` of this key, whose last name becomes the field: `/Comedy` gives `/Comedy:name`.
    ///
    /// # Errors
    /// [`InvalidKey`](ErrorKind::InvalidKey) if this is the root or an instance already, the name is empty, or the
    /// key too long.
    ///
    /// ```
    /// use dronestore_core::Key;
    ///
    /// let actors: Key = "/Comedy/Actor".parse()?;
    /// let john = actors.instance("John")?;
    /// assert_eq!(john.to_string(), "/Comedy/Actor:John");
    /// assert_eq!(john.class(), Some(actors));
    /// assert!(john.instance("Cleese").is_err());
    /// # Ok::<(), dronestore_core::Error>(())
    /// ```
    pub fn instance(&self, name: &str) -> Result<Key> {
        let problem = match self.last() {
            Some(last) if last.field().is_none() => {
                return join(self.parent_bytes(), Some(&last.name()), name);
            }
            Some(_) => "it is an instance already",
            None => "it is the root, which has no name",
        };
        let message = format!("key `{self}` cannot have an instance {}: {problem}", Quoted(name));
        Err(Error::new(ErrorKind::InvalidKey, message))
    }

    /// What this key is an instance of, the inverse of [`Key::instance`]: `/Comedy:x` gives `/Comedy`; none for a
    /// key without a field.
    pub fn class(&self) -> Option<Key> {
        let field = self.last()?.field_bytes()?;
        let mut bytes = self.parent_bytes().to_vec();
        bytes.extend_from_slice(field);
        bytes.push(END);
        Some(Key(Arc::from(bytes)))
    }

    /// The key one namespace above; none above the root.
    pub fn parent(&self) -> Option<Key> {
        (!self.is_root()).then(|| Key(Arc::from(self.parent_bytes())))
    }

    /// All keys above this one, nearest first, the root last. One allocation each.
    ///
    /// ```
    /// use dronestore_core::Key;
    ///
    /// let above: Vec<String> = "/a/b/c:d".parse::<Key>()?.ancestors().map(|key| key.to_string()).collect();
    /// assert_eq!(above, ["/a/b", "/a", "/"]);
    /// # Ok::<(), dronestore_core::Error>(())
    /// ```
    pub fn ancestors(&self) -> impl Iterator<Item = Key> + use<> {
        std::iter::successors(self.parent(), Key::parent)
    }

    /// Whether `other` is somewhere below this key; no key is its own ancestor.
    pub fn is_ancestor_of(&self, other: &Key) -> bool {
        other.0.len() > self.0.len() && other.0.starts_with(&self.0)
    }

    /// Whether `other` is somewhere above this key; no key is its own descendant.
    pub fn is_descendant_of(&self, other: &Key) -> bool {
        other.is_ancestor_of(self)
    }

    /// Whether this is `/`.
    #[inline]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// How many namespaces the key has: 0 for the root, at most [`Key::MAX_NAMESPACES`].
    pub fn depth(&self) -> usize {
        self.0.iter().filter(|&&byte| byte == END).count()
    }

    /// The namespaces from the root down; none for the root itself.
    ///
    /// ```
    /// use dronestore_core::Key;
    ///
    /// let key: Key = "/Comedy/Actor:John".parse()?;
    /// let names: Vec<_> = key.namespaces().map(|namespace| namespace.name().into_owned()).collect();
    /// assert_eq!(names, ["Comedy", "John"]);
    /// # Ok::<(), dronestore_core::Error>(())
    /// ```
    pub fn namespaces(&self) -> impl DoubleEndedIterator<Item = Namespace<'_>> + Clone {
        self.0.split_inclusive(|&byte| byte == END).map(|bytes| Namespace(&bytes[..bytes.len() - 1]))
    }

    /// The last namespace; none for the root.
    pub fn last(&self) -> Option<Namespace<'_>> {
        self.namespaces().next_back()
    }

    /// The name in the last namespace; empty for the root, and for no other key.
    pub fn name(&self) -> Cow<'_, str> {
        self.last().map_or(Cow::Borrowed(""), |last| last.name())
    }

    /// The field of the last namespace: by convention the kind of the object.
    pub fn field(&self) -> Option<Cow<'_, str>> {
        self.last().and_then(|last| last.field())
    }

    /// The encoded parent; that of the root is the root's.
    fn parent_bytes(&self) -> &[u8] {
        let last = self.last().map_or(0, |last| last.0.len() + 1);
        &self.0[..self.0.len() - last]
    }
}

/// One step of a key: a name, and a field if it is written `field:name`.
///
/// Ordered as keys are: by what stands first in them, then without a field before with one, then by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace<'a>(&'a [u8]);

impl<'a> Namespace<'a> {
    /// The name; allocates only if it contains one of the characters 0, 1 and 2.
    pub fn name(&self) -> Cow<'a, str> {
        part(self.split().map_or(self.0, |(_, name)| name))
    }

    /// The field, if there is one; allocates as [`Namespace::name`] does.
    pub fn field(&self) -> Option<Cow<'a, str>> {
        self.field_bytes().map(part)
    }

    fn field_bytes(&self) -> Option<&'a [u8]> {
        self.split().map(|(field, _)| field)
    }

    fn split(&self) -> Option<(&'a [u8], &'a [u8])> {
        let at = self.0.iter().position(|&byte| byte == FIELD)?;
        Some((&self.0[..at], &self.0[at + 1..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    #[test]
    fn names_and_fields_are_those_of_the_last_namespace() {
        for (text, field, name, depth) in
            [("/", None, "", 0), ("/a", None, "a", 1), ("/a:b", Some("a"), "b", 1), ("/x:y/a", None, "a", 2)]
        {
            let key = key(text);
            assert_eq!((key.field().as_deref(), &*key.name(), key.depth()), (field, name, depth), "{text}");
            assert_eq!(key.is_root(), depth == 0);
        }
    }

    #[test]
    fn parents_and_classes_undo_children_and_instances() {
        let team = key("/Team");
        let red = team.instance("red").unwrap();
        assert_eq!(red, key("/Team:red"));
        assert_eq!(red.class(), Some(team.clone()));
        assert_eq!(team.class(), None);
        let ann = red.child_in("Person", "ann").unwrap();
        assert_eq!(ann, key("/Team:red/Person:ann"));
        assert_eq!(ann.parent(), Some(red.clone()));
        assert_eq!(red.child("x").unwrap(), key("/Team:red/x"));
        assert_eq!(red.parent(), Some(Key::root()));
        assert_eq!(Key::root().parent(), None);
        assert_eq!(Key::root().ancestors().count(), 0);
    }

    #[test]
    fn kinship_is_strict_and_goes_by_whole_namespaces() {
        for (above, below, expected) in [
            ("/", "/a", true),
            ("/a", "/a/b:c", true),
            ("/a", "/a", false),
            ("/", "/", false),
            ("/a", "/ab", false),
            ("/a", "/a:b", false),
            ("/a/b", "/a", false),
        ] {
            assert_eq!(key(above).is_ancestor_of(&key(below)), expected, "{above} {below}");
            assert_eq!(key(below).is_descendant_of(&key(above)), expected, "{above} {below}");
        }
    }

    #[test]
    fn bad_steps_say_what_is_wrong() {
        let long = "x".repeat(1024);
        let deep = key(&"/a".repeat(64));
        for (result, message) in [
            (Key::root().child(""), "a name in a key is empty: give it a character"),
            (Key::for_kind("", "x"), "the field of a key is empty: give it a character, or no field at all"),
            (Key::for_kind("P", ""), "the name in field `P` of a key is empty: give it a character"),
            (key("/a:b").instance("c"), "key `/a:b` cannot have an instance `c`: it is an instance already"),
            (
                Key::root().instance("c"),
                "key `/` cannot have an instance `c`: it is the root, which has no name",
            ),
            (deep.child("b"), "the key with `b` has 65 namespaces, at most 64 are allowed"),
        ] {
            assert_eq!(result.unwrap_err().to_string(), message);
        }
        let message = Key::for_kind("P", &long).unwrap_err().to_string();
        assert!(message.contains("is 1027 bytes long encoded, at most 1024 are allowed"), "{message}");
        assert!(Key::root().child(&long[1..]).is_ok());
        assert!(Key::root().field_range(&long).is_err() && Key::root().field_range("").is_err());
    }
}
