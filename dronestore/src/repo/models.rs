//! The models that this program uses with a repo: one kind, one schema.

use super::load;
use super::transaction::Transaction;
use crate::drone::Drone;
use dronestore_core::model::{Violation, Violations};
use dronestore_core::schema::Schema;
use dronestore_core::{Error, ErrorKind, Hash, Result, Version};
use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The Rust types by kind.
#[derive(Default)]
pub(crate) struct Models(RwLock<HashMap<&'static str, Known>>);

struct Known {
    types: Vec<TypeId>,
    name: &'static str,
    hash: Hash,
    stored: bool,
    schema: Arc<Schema>,
    violations: fn(&Transaction<'_>, &Version) -> Result<Vec<Violation>>,
}

impl Models {
    /// Whether this type may be used under its kind.
    ///
    /// # Errors
    /// [`Mismatch`](ErrorKind::Mismatch) naming both types, where another with another schema has the kind.
    pub(crate) fn check<T: Drone>(&self) -> Result<()> {
        let id = TypeId::of::<T>();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if known.get(T::KIND).is_some_and(|known| known.types.contains(&id)) {
            return Ok(());
        }
        drop(known);
        let schema = Schema::of::<T>();
        let hash = schema.hash()?;
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let name = type_name::<T>();
        let entry = known.entry(T::KIND).or_insert_with(|| Known {
            types: Vec::new(),
            name,
            hash,
            stored: false,
            schema: Arc::new(schema),
            violations: |transaction, version| Ok(Violations::of::<T>(&load::<T>(transaction, version)?.0)),
        });
        if entry.hash != hash || is_other_instance(entry.name, name) {
            return Err(Error::new(
                ErrorKind::Mismatch,
                format!(
                    "kind `{}` is `{}` in this program and cannot be `{name}` too: what they store differs; give one \
                     of them another kind with `#[drone(kind = \"…\")]`",
                    T::KIND,
                    entry.name
                ),
            ));
        }
        entry.types.push(id);
        Ok(())
    }

    /// The schema of a model, the first time it is asked for.
    pub(crate) fn to_store<T: Drone>(&self) -> Option<(Hash, Schema)> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let known = known.get(T::KIND)?;
        (!known.stored).then(|| (known.hash, Schema::clone(&known.schema)))
    }

    /// The schema of a model, made once where the model was used before.
    pub(crate) fn schema<T: Drone>(&self) -> Arc<Schema> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let known = known.get(T::KIND).filter(|known| known.types.contains(&TypeId::of::<T>()));
        known.map_or_else(|| Arc::new(T::schema()), |known| known.schema.clone())
    }

    /// The schemas of all models that were used.
    pub(crate) fn schemas(&self) -> Vec<Schema> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.values().map(|known| Schema::clone(&known.schema)).collect()
    }

    /// What a version violates of what its model asks; nothing where this program has used no model of its kind.
    pub(crate) fn violations(
        &self,
        transaction: &Transaction<'_>,
        version: &Version,
    ) -> Result<Vec<Violation>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let check = known.get(version.kind()).map(|known| known.violations);
        drop(known);
        check.map_or_else(|| Ok(Vec::new()), |check| check(transaction, version))
    }

    /// Notes that these kinds' schemas are in the store.
    pub(crate) fn stored(&self, kinds: impl Iterator<Item = String>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for kind in kinds {
            if let Some(known) = known.get_mut(kind.as_str()) {
                known.stored = true;
            }
        }
    }
}

/// Whether two types are one generic type with different parameters: their schemas read alike and are not.
fn is_other_instance(one: &str, other: &str) -> bool {
    one != other && one.contains('<') && one.split('<').next() == other.split('<').next()
}
