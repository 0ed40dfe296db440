//! The indexes that models ask for: noted in the store at the first use.

use super::super::transaction::Transaction;
use super::super::view::View;
use super::super::{Inner, Repo, rows};
use super::catalog::{Catalog, Entry, State};
use super::upkeep::first_state;
use crate::drone::Drone;
use dronestore_core::query::index::IndexDefinition;
use dronestore_core::schema::Schema;
use dronestore_core::store::Snapshot;
use dronestore_core::{Error, Result};
use std::any::TypeId;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Up to how many objects the first query builds what is missing, instead of waiting to be told to.
pub(crate) const SMALL: u64 = 20_000;

/// With so many shapes there may be others that no list has.
const MOST_SHAPES: usize = 60_000;

/// What is known of indexes without asking the store.
#[derive(Default)]
pub(crate) struct Indexes {
    /// The list that was read last.
    last: RwLock<Arc<Catalog>>,
    /// What each model asks for.
    declared: RwLock<HashMap<TypeId, Arc<[IndexDefinition]>>>,
    /// The models whose indexes a query has seen to.
    seen_to: Mutex<HashSet<TypeId>>,
}

impl Indexes {
    /// The list of indexes in this snapshot.
    ///
    /// Cost: one read of the store.
    pub(crate) fn catalog(&self, snapshot: &dyn Snapshot) -> Result<Arc<Catalog>> {
        let known = self.last.read().unwrap_or_else(PoisonError::into_inner).clone();
        let catalog = Catalog::read_again(&known, snapshot)?;
        if !Arc::ptr_eq(&known, &catalog) {
            *self.last.write().unwrap_or_else(PoisonError::into_inner) = catalog.clone();
        }
        Ok(catalog)
    }

    /// What a model asks for.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) for what no index can be of.
    pub(crate) fn declared<T: Drone>(&self) -> Result<Arc<[IndexDefinition]>> {
        let id = TypeId::of::<T>();
        if let Some(known) = self.declared.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(known.clone());
        }
        let schema = T::schema();
        let mut definitions: Vec<IndexDefinition> = Vec::new();
        // A default that is another one each time is none to be remembered: asked twice, it shows.
        for (asked, again) in T::indexes().into_iter().zip(T::indexes()) {
            let mut parts = asked.parts;
            for (part, again) in parts.iter_mut().zip(again.parts).filter(|(part, again)| **part != *again) {
                let steps = std::mem::take(&mut part.steps).into_iter().zip(again.steps);
                part.steps = steps.filter(|(one, other)| one == other).map(|(one, _)| one).collect();
            }
            let parts = parts.into_iter().map(Into::into).collect();
            let definition = IndexDefinition::new(&schema, parts, asked.unique)?;
            if !definitions.contains(&definition) {
                definitions.push(definition);
            }
        }
        let definitions: Arc<[IndexDefinition]> = definitions.into();
        self.declared.write().unwrap_or_else(PoisonError::into_inner).insert(id, definitions.clone());
        Ok(definitions)
    }

    fn is_first_query_of<T: Drone>(&self) -> bool {
        self.seen_to.lock().unwrap_or_else(PoisonError::into_inner).insert(TypeId::of::<T>())
    }
}

impl Catalog {
    /// The places of the indexes that a model asks for.
    pub(crate) fn usable_by<T: Drone>(&self) -> Arc<[usize]> {
        self.usable(TypeId::of::<T>(), |catalog| {
            let schema = T::schema();
            let is_usable = |index: &usize| {
                let definition = &catalog.entries[*index].definition;
                definition.kind == T::KIND && definition.is_read_by(&schema)
            };
            (0..catalog.entries.len()).filter(is_usable).collect()
        })
    }

    /// Whether all that is asked for is there, or on its way.
    fn has_all(&self, definitions: &[IndexDefinition]) -> bool {
        definitions.iter().all(|definition| {
            self.of(definition).is_some_and(|entry| !matches!(entry.state, State::Dropping { again: false }))
        })
    }
}

impl Transaction<'_> {
    /// Notes the indexes that a model asks for, if they are not noted yet.
    pub(crate) fn declare_indexes<T: Drone>(&mut self) -> Result<()> {
        let definitions = self.repo.inner.indexes.declared::<T>()?;
        if self.writer.indexes.has_all(&definitions) {
            return Ok(());
        }
        let is_new_kind = self.snapshot.get(&rows::kind(T::KIND))?.is_none();
        for definition in definitions.iter() {
            let known = self.writer.indexes.of(definition).map(|entry| (entry.number, entry.state.clone()));
            self.writer.indexes = match known {
                None => self.writer.indexes.with_new(definition.clone(), first_state(is_new_kind))?,
                Some((number, State::Dropping { again: false })) => {
                    let again = State::Dropping { again: true };
                    self.writer
                        .indexes
                        .with_changed(number, |entry| Some(entry.with(again.clone(), entry.has_residue)))?
                }
                Some(_) => continue,
            };
            self.indexing.is_changed = true;
            if definition.follows_decisions() {
                // What a rule decides about is found by the index of conflicts.
                self.build_index()?;
            }
        }
        Ok(())
    }
}

impl Inner {
    /// Whether somebody is writing just now.
    fn is_being_written(&self) -> bool {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

impl View {
    /// The indexes that can answer a query of a model, as of this moment.
    pub(crate) fn indexes_of<T: Drone>(&self) -> Result<Vec<Arc<Entry>>> {
        if !T::IS_INDEXED || !self.is_indexed {
            return Ok(Vec::new());
        }
        let catalog = self.inner.indexes.catalog(&*self.snapshot)?;
        let usable = catalog.usable_by::<T>();
        let entries = usable.iter().filter_map(|index| catalog.entries.get(*index));
        Ok(entries.filter(|entry| entry.is_ready()).cloned().collect())
    }
}

impl Repo {
    /// The indexes that can answer a query without the Rust type, which reads attributes as this schema says first, and else as
    /// they were stored: those of attributes that were stored in one way only.
    pub(crate) fn indexes_read_by(&self, schema: &Schema, view: &View) -> Result<Vec<Arc<Entry>>> {
        if !view.is_indexed {
            return Ok(Vec::new());
        }
        let catalog = self.inner.indexes.catalog(&*view.snapshot)?;
        let of_kind = |entry: &&Arc<Entry>| {
            entry.is_ready() && entry.definition.kind == schema.kind && entry.definition.is_read_by(schema)
        };
        let mut entries: Vec<Arc<Entry>> = catalog.entries.iter().filter(of_kind).cloned().collect();
        if entries.is_empty() {
            return Ok(entries);
        }
        let mut shapes = self.shapes_stored()?;
        if shapes.len() >= MOST_SHAPES {
            return Ok(Vec::new());
        }
        shapes.retain(|shape| shape.kind() == schema.kind);
        entries.retain(|entry| {
            shapes.iter().flat_map(|shape| (0..shape.len()).filter_map(|index| shape.head(index))).all(
                |(name, form)| {
                    let kept =
                        entry.definition.schema.attributes.iter().find(|attribute| attribute.name == name);
                    kept.is_none_or(|attribute| attribute.strategy == form.to_string())
                },
            )
        });
        Ok(entries)
    }

    /// Before the first query of a model: notes its indexes, and builds them where there is little to build.
    ///
    /// A query finds the same without an index, so nothing here fails it.
    pub(crate) fn see_to_indexes<T: Drone>(&self) {
        if !T::IS_INDEXED || self.inner.is_being_written() || !self.inner.indexes.is_first_query_of::<T>() {
            return;
        }
        let see = || -> Result<()> {
            let definitions = self.inner.indexes.declared::<T>()?;
            let catalog = Catalog::read(&*self.inner.store.snapshot()?)?;
            if !catalog.has_all(&definitions) {
                self.attempt(|| self.write(|transaction| transaction.declare_indexes::<T>()))?;
            }
            if self.len() <= SMALL {
                self.build_indexes::<T>()?;
            }
            Ok(())
        };
        let _: Result<(), Error> = see();
    }
}
