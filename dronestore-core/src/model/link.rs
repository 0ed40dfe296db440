//! Links: fields that hold keys of other drones.

use super::Violations;
use crate::key::Key;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A type that holds keys of other objects: what `#[drone(link = "…")]` needs.
///
/// `Key`, and `Option`, `Vec`, sets and maps (as values) of it; implement it for types of your own that hold keys.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` is no link",
    label = "holds no keys",
    note = "`link` fits `Key`, and `Option`, `Vec`, `BTreeSet`, `HashSet` of it, and maps with such values; for a type of your own implement `dronestore::Links`"
)]
pub trait Links {
    /// Calls this with every key.
    fn each_key(&self, visit: &mut dyn FnMut(&Key));
}

impl Links for Key {
    fn each_key(&self, visit: &mut dyn FnMut(&Key)) {
        visit(self);
    }
}

macro_rules! links {
    ($($ty:ty $(, $parameter:ident)*;)*) => { $(
        impl<L: Links $(, $parameter)*> Links for $ty {
            fn each_key(&self, visit: &mut dyn FnMut(&Key)) {
                self.iter().for_each(|link| link.each_key(visit));
            }
        }
    )* };
    (values $($ty:ty $(, $parameter:ident)*;)*) => { $(
        impl<L: Links $(, $parameter)*> Links for $ty {
            fn each_key(&self, visit: &mut dyn FnMut(&Key)) {
                self.values().for_each(|link| link.each_key(visit));
            }
        }
    )* };
}
links! { Option<L>; Vec<L>; BTreeSet<L>; HashSet<L, S>, S; }
links! { values BTreeMap<K, L>, K; HashMap<K, L, S>, K, S; }

impl Violations {
    /// Notes the links that do not lead to an object of this kind, as far as their keys tell: one of kind `Person` is
    /// named `Person:…`, wherever it stands.
    pub fn link<T: Links>(&mut self, attribute: &str, kind: &str, links: &T) {
        links.each_key(&mut |key| {
            if key.field().as_deref() != Some(kind) {
                self.push(
                    attribute,
                    format!("links to `{key}`, which is no key of a `{kind}`: write `{kind}:…`"),
                );
            }
        });
    }
}
