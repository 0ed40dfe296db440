//! Source: how a watched query is asked, and what it hands out.

use super::event::Side;
use super::update::FieldChange;
use crate::drone::Drone;
use crate::given::Given;
use crate::repo::index::Entry;
use crate::repo::query::{Columns, Plan, kind_plan, paths};
use crate::repo::{Repo, View};
use crate::versioned::Versioned;
use dronestore_core::query::Query;
use dronestore_core::schema::{Column, Schema};
use dronestore_core::{Result, Value, Version};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

/// How a watched query is asked, and what it hands out.
pub(crate) trait Source<O>: Send + Sync {
    /// The query, as it is to be asked now.
    fn plan(&mut self) -> Result<Plan>;

    /// The indexes that answer it, as of a moment.
    fn indexes(&self, view: &View) -> Result<Vec<Arc<Entry>>>;

    /// What is handed out for an object.
    fn load(&self, side: &Side) -> Result<O>;

    /// All fields of an object, by their stored names.
    fn values(&self, side: &Side) -> Result<BTreeMap<String, Value>>;

    /// What a field reads as where nothing was written.
    fn default_of(&self, name: &str) -> Value;
}

/// Objects of a model.
pub(crate) struct Typed<T> {
    query: Query,
    schema: Arc<Schema>,
    given: Arc<Given>,
    model: PhantomData<fn() -> T>,
}

impl<T: Drone> Typed<T> {
    pub(crate) fn new(query: Query, repo: &Repo) -> Typed<T> {
        Typed {
            query,
            schema: repo.inner.models.schema::<T>(),
            given: repo.inner.given().clone(),
            model: PhantomData,
        }
    }
}

impl<T: Drone> Source<Versioned<T>> for Typed<T> {
    fn plan(&mut self) -> Result<Plan> {
        let query = self.query.clone();
        let columns = Columns::new([self.schema.clone()], paths(&query), |_, name| Column::of::<T>(name));
        let (indexes, is_any_order) = (Vec::new(), false);
        Ok(Plan { kind: T::KIND.to_owned(), query, columns, indexes, is_any_order })
    }

    fn indexes(&self, view: &View) -> Result<Vec<Arc<Entry>>> {
        view.indexes_of::<T>()
    }

    fn load(&self, side: &Side) -> Result<Versioned<T>> {
        side.handle(&self.given)
    }

    fn values(&self, side: &Side) -> Result<BTreeMap<String, Value>> {
        self.schema.values(&side.version, side.rulings())
    }

    fn default_of(&self, name: &str) -> Value {
        T::default_of(name).unwrap_or_default()
    }
}

/// Versions of a kind, by the schemas that the repo has of it.
pub(crate) struct Untyped {
    pub(crate) repo: Repo,
    pub(crate) kind: String,
    pub(crate) query: Query,
    /// The one that knows most, as of the last plan.
    pub(crate) schema: Option<Schema>,
}

impl Source<Version> for Untyped {
    fn plan(&mut self) -> Result<Plan> {
        let (plan, _) = kind_plan(&self.repo, &self.kind, &self.query)?;
        self.schema = plan.columns.schema().cloned();
        Ok(plan)
    }

    fn indexes(&self, view: &View) -> Result<Vec<Arc<Entry>>> {
        self.schema.as_ref().map_or_else(|| Ok(Vec::new()), |schema| self.repo.indexes_read_by(schema, view))
    }

    fn load(&self, side: &Side) -> Result<Version> {
        // It leaves the repo by this: see `View::version`.
        self.repo.give_away();
        Ok(side.version.clone())
    }

    fn values(&self, side: &Side) -> Result<BTreeMap<String, Value>> {
        match &self.schema {
            Some(schema) => schema.values(&side.version, side.rulings()),
            None => Ok(BTreeMap::new()),
        }
    }

    fn default_of(&self, _: &str) -> Value {
        Value::Null
    }
}

/// The fields in which two moments of an object differ.
pub(crate) fn fields<O>(source: &dyn Source<O>, old: &Side, new: &Side) -> Result<Vec<FieldChange>> {
    // What no longer decodes is not known.
    let (before, mut now) = (source.values(old).ok(), source.values(new)?);
    let mut fields = Vec::new();
    for (name, old) in before.iter().flatten() {
        let new = now.remove(name).unwrap_or_else(|| source.default_of(name));
        if *old != new {
            fields.push(FieldChange { name: name.clone(), old: Some(old.clone()), new });
        }
    }
    for (name, new) in now {
        let old = before.is_some().then(|| source.default_of(&name));
        if old.as_ref() != Some(&new) {
            fields.push(FieldChange { name, old, new });
        }
    }
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(fields)
}
