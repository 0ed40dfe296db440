//! Objects that a merge of valid sides made invalid.

use super::Repo;
use super::iterate::Iter;
use crate::drone::Drone;
use crate::versioned::Versioned;
use dronestore_core::Result;
use dronestore_core::model::{Violation, Violations};
use std::fmt;

/// An object whose value violates what its model asks.
#[derive(Debug, Clone)]
pub struct Invalid<T> {
    /// The object; commit a value that is valid to mend it.
    pub object: Versioned<T>,
    /// All that it violates; never empty.
    pub violations: Vec<Violation>,
}

/// The objects of a kind that violate what their model asks, in the order of their keys, as of one moment.
pub struct InvalidObjects<T>(Iter<T>);

impl<T: Drone> Iterator for InvalidObjects<T> {
    type Item = Result<Invalid<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let object = match self.0.next()? {
                Ok(object) => object,
                Err(error) => return Some(Err(error)),
            };
            let violations = Violations::of::<T>(&object);
            if !violations.is_empty() {
                return Some(Ok(Invalid { object, violations }));
            }
        }
    }
}

impl<T> fmt::Debug for InvalidObjects<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InvalidObjects").field(&self.0).finish()
    }
}

impl Repo {
    /// The objects of a kind whose values violate what their model asks: `required`, `validate`, `link`.
    ///
    /// A commit of such a value is refused, a merge never is: two valid sides may come to a value that is not, and
    /// refusing it on one replica would set that one apart from the others. So it is listed, until somebody commits
    /// a valid value.
    ///
    /// # Errors
    /// As [`Repo::view`].
    ///
    /// Cost: reads and decodes every object of the kind.
    ///
    /// ```
    /// # use dronestore::{Drone, Repo};
    /// fn order(stay: &Stay) -> Result<(), &'static str> {
    ///     if stay.from <= stay.to { Ok(()) } else { Err("ends before it begins") }
    /// }
    ///
    /// #[derive(Drone, Clone)]
    /// #[drone(validate = "order")]
    /// #[merge(latest)]
    /// struct Stay { from: u32, to: u32 }
    ///
    /// let repo = Repo::memory()?;
    /// let mut ours = repo.put("a", Stay { from: 1, to: 9 })?;
    /// let mut theirs = ours.clone();
    /// ours.from = 8;
    /// repo.save(&mut ours)?;
    /// theirs.to = 2;
    /// theirs.commit()?;
    /// repo.merge(&theirs)?;
    ///
    /// let invalid = repo.violations::<Stay>()?.next().expect("one")?;
    /// assert_eq!(invalid.object.key().to_string(), "/Stay:a");
    /// assert_eq!(invalid.violations[0].message, "ends before it begins");
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    pub fn violations<T: Drone>(&self) -> Result<InvalidObjects<T>> {
        self.iter().map(InvalidObjects)
    }
}
