//! ImportItem: what an iterator may give to an import.

use crate::drone::Drone;
use crate::repo::ObjectName;
use dronestore_core::{Error, ErrorKind, Key, Result};

/// What an import takes one after the other: a name or key with its value, or the error of whoever read it.
///
/// ```
/// use dronestore::{Drone, Repo};
///
/// #[derive(Drone, Default)]
/// struct Note {
///     #[merge(latest)]
///     text: String,
/// }
///
/// let repo = Repo::memory()?;
/// repo.import([("a", Note { text: "milk".into() }), ("b", Note { text: "tea".into() })])?;
///
/// // A reader that fails ends the import; what came before stays.
/// let lines = ["one", "two", "not a note"];
/// let read = lines.iter().enumerate().map(|(number, line)| match line.split_once(' ') {
///     None => Ok((format!("n{number}"), Note { text: line.to_string() })),
///     Some(_) => Err(std::io::Error::other("a note is one word")),
/// });
/// let error = repo.import(read).unwrap_err();
/// assert_eq!(error.to_string(), "object 3, with 2 before it imported: it cannot be read");
/// assert_eq!(repo.len(), 4);
/// # Ok::<(), dronestore::Error>(())
/// ```
pub trait ImportItem {
    /// The type of the value.
    type Model: Drone;

    /// The object that is meant.
    ///
    /// # Errors
    /// [`InvalidKey`](ErrorKind::InvalidKey), or what the reader says.
    fn into_object(self) -> Result<(Key, Self::Model)>;
}

impl<N: ObjectName, T: Drone> ImportItem for (N, T) {
    type Model = T;

    fn into_object(self) -> Result<(Key, T)> {
        Ok((self.0.key(T::KIND)?, self.1))
    }
}

impl<N, T, E> ImportItem for Result<(N, T), E>
where
    N: ObjectName,
    T: Drone,
    E: std::error::Error + Send + Sync + 'static,
{
    type Model = T;

    fn into_object(self) -> Result<(Key, T)> {
        self.map_err(unread)?.into_object()
    }
}

/// An error of our own stays what it is.
fn unread(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    let error: Box<dyn std::error::Error + Send + Sync> = Box::new(error);
    match error.downcast::<Error>() {
        Ok(own) => *own,
        Err(error) => Error::new(ErrorKind::InvalidValue, "it cannot be read").with_source(error),
    }
}
