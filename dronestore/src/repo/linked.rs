//! Links followed: from a field that holds keys to the objects that they name.

use super::{Repo, View};
use crate::drone::Drone;
use crate::versioned::Versioned;
use dronestore_core::model::Links;
use dronestore_core::{Key, Result};
use std::fmt;
use std::marker::PhantomData;

impl Repo {
    /// The objects of a model to which a field links, in the order of the field, as of one moment; those that are not here, or
    /// read as deleted, are left out.
    ///
    /// The other way, the objects that link to one, is a query: [`links_to`](dronestore_core::query::Field::links_to).
    ///
    /// ```
    /// use dronestore::{Drone, Key, Repo};
    ///
    /// #[derive(Drone, Default)]
    /// struct Person {
    ///     #[merge(latest)]
    ///     name: String,
    ///     #[merge(latest)]
    ///     #[drone(link = "Person", index)]
    ///     boss: Option<Key>,
    /// }
    ///
    /// let repo = Repo::memory()?;
    /// let ann = repo.put("ann", Person { name: "Ann".into(), boss: None })?;
    /// let bob = repo.put("bob", Person { name: "Bob".into(), boss: Some(ann.key().clone()) })?;
    ///
    /// let boss = repo.linked::<Person>(&bob.boss)?.next().expect("she is here")?;
    /// assert_eq!(boss.name, "Ann");
    ///
    /// let team = repo.query::<Person>().filter(Person::fields().boss.links_to(ann.key()));
    /// assert_eq!(team.select(Person::fields().name)?, ["Bob"]);
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Repo::get`], also of each object.
    ///
    /// Cost: a snapshot, and for each key what [`View::get`] costs.
    pub fn linked<T: Drone>(&self, links: &(impl Links + ?Sized)) -> Result<Linked<T>> {
        let mut keys = Vec::new();
        links.each_key(&mut |key| keys.push(key.clone()));
        Ok(Linked { view: self.view()?, keys: keys.into_iter(), model: PhantomData })
    }
}

/// The objects to which a field links.
pub struct Linked<T> {
    view: View,
    keys: std::vec::IntoIter<Key>,
    model: PhantomData<fn() -> T>,
}

impl<T: Drone> Iterator for Linked<T> {
    type Item = Result<Versioned<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.keys.by_ref().find_map(|key| self.view.get::<T>(&key).transpose())
    }
}

impl<T> fmt::Debug for Linked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linked").field("keys", &self.keys.as_slice()).finish_non_exhaustive()
    }
}
