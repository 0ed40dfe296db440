//! ObjectName: what names an object in a call, its name or its whole key.

use dronestore_core::{Key, Result};

/// The name of an object below its kind (`"jbenet"` for `/Person:jbenet`), or its whole [`Key`].
pub trait ObjectName {
    /// The key that is meant, for objects of this kind.
    ///
    /// # Errors
    /// [`InvalidKey`](crate::ErrorKind::InvalidKey).
    fn key(&self, kind: &str) -> Result<Key>;
}

impl ObjectName for str {
    fn key(&self, kind: &str) -> Result<Key> {
        Key::for_kind(kind, self)
    }
}

impl ObjectName for String {
    fn key(&self, kind: &str) -> Result<Key> {
        Key::for_kind(kind, self)
    }
}

impl ObjectName for Key {
    fn key(&self, _: &str) -> Result<Key> {
        Ok(self.clone())
    }
}

impl<N: ObjectName + ?Sized> ObjectName for &N {
    fn key(&self, kind: &str) -> Result<Key> {
        (**self).key(kind)
    }
}
