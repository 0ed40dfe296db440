//! Drone: what every type that derives it can do.

use crate::versioned::Versioned;
use dronestore_core::model::{Model, fresh};
use dronestore_core::schema::Schema;
use dronestore_core::{Key, Result};

/// A versioned, mergeable model; implemented by `#[derive(Drone)]`.
///
/// ```
/// use dronestore::Drone;
///
/// #[derive(Drone, Debug)]
/// struct Person {
///     #[merge(latest)]
///     name: String,
///     #[merge(max)]
///     age: u32,
/// }
///
/// let mut person = Person::named("jbenet")?;
/// person.age = 23;
/// person.commit()?;
/// assert_eq!(person.key().to_string(), "/Person:jbenet");
/// # Ok::<(), dronestore::Error>(())
/// ```
pub trait Drone: Model {
    /// A new object `/Kind:name`, every field at its default.
    ///
    /// # Errors
    /// [`InvalidKey`](crate::ErrorKind::InvalidKey) for an empty name or one that makes the key too long.
    fn named(name: &str) -> Result<Versioned<Self>> {
        Versioned::named(name)
    }

    /// A new object `parent/Kind:name`, every field at its default.
    ///
    /// # Errors
    /// As [`Drone::named`].
    fn child_of(parent: &Key, name: &str) -> Result<Versioned<Self>> {
        Ok(Versioned::new(parent.child_in(Self::KIND, name)?, fresh()?))
    }

    /// The key that [`Drone::named`] gives an object: `/Kind:name`.
    ///
    /// # Errors
    /// As [`Drone::named`].
    fn key_of(name: &str) -> Result<Key> {
        Key::for_kind(Self::KIND, name)
    }

    /// The model as data.
    fn schema() -> Schema {
        Schema::of::<Self>()
    }
}

impl<T: Model> Drone for T {}
