//! Drone: what every type that derives it can do.

use crate::versioned::Versioned;
use dronestore_core::model::{Model, Violation, Violations, fresh};
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

    /// All that the value violates of what its model asks, as a commit would refuse it: `required`, `validate`,
    /// `link`.
    ///
    /// ```
    /// use dronestore::Drone;
    ///
    /// fn adult(age: &u32) -> Result<(), String> {
    ///     if *age >= 18 { Ok(()) } else { Err(format!("is {age}, and must be 18 at least")) }
    /// }
    ///
    /// #[derive(Drone)]
    /// #[merge(latest)]
    /// struct Driver {
    ///     #[drone(required)]
    ///     name: String,
    ///     #[drone(validate = "adult")]
    ///     age: u32,
    /// }
    ///
    /// let mut driver = Driver::named("ann")?;
    /// driver.age = 17;
    /// let all: Vec<String> = driver.violations().iter().map(|violation| violation.to_string()).collect();
    /// assert_eq!(all, ["`name` is required and empty", "`age` is 17, and must be 18 at least"]);
    /// let error = driver.commit().unwrap_err();
    /// assert_eq!(error.to_string(), format!("`/Driver:ann` is not valid: {}; {}", all[0], all[1]));
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    fn violations(&self) -> Vec<Violation> {
        Violations::of(self)
    }

    /// The handles of the fields, one a field under its name: what [queries](crate::Repo::query) are written with.
    ///
    /// Cost: a few words a field.
    fn fields() -> Self::Fields {
        Self::handles()
    }

    /// The model as data.
    fn schema() -> Schema {
        Schema::of::<Self>()
    }
}

impl<T: Model> Drone for T {}
