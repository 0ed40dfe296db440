//! Rows of values that wait to be written by a schema.

use super::Import;
use super::import::Hooks;
use crate::repo::transaction::Transaction;
use crate::repo::values::schema_to_write;
use dronestore_core::schema::{Schema, SchemaAttribute, Type, Values};
use dronestore_core::{Key, Result, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// What is known of a kind while its objects come in.
pub(super) struct Known {
    pub(super) schema: Arc<Schema>,
    /// The types of its attributes, beside them.
    types: Vec<Type>,
    hooks: Option<Hooks>,
}

impl Known {
    /// The attribute of this stored name, and its type.
    pub(super) fn attribute(&self, name: &str) -> Option<(&SchemaAttribute, &Type)> {
        let index = self.schema.attributes.binary_search_by(|known| known.name.as_str().cmp(name)).ok()?;
        Some((&self.schema.attributes[index], &self.types[index]))
    }
}

/// The kinds that an import has met.
#[derive(Default)]
pub(super) struct Kinds(HashMap<String, Arc<Known>>);

impl Kinds {
    pub(super) fn get(&mut self, kind: &str, import: &Import<'_>) -> Result<Arc<Known>> {
        if let Some(known) = self.0.get(kind) {
            return Ok(known.clone());
        }
        let hooks = import.models.iter().find(|hooks| hooks.schema.kind == kind).cloned();
        let mut schema = match &hooks {
            Some(hooks) => hooks.to_write(),
            None => schema_to_write(&*import.repo.view()?.snapshot, kind)?,
        };
        schema.attributes.sort_by(|one, other| one.name.cmp(&other.name));
        let types = schema.attributes.iter().map(SchemaAttribute::ty).collect();
        let known = Arc::new(Known { schema: Arc::new(schema), types, hooks });
        self.0.insert(kind.to_owned(), known.clone());
        Ok(known)
    }

    /// More may be known of it now.
    pub(super) fn forget(&mut self, kind: &str) {
        self.0.remove(kind);
    }
}

/// The values of one object.
pub(super) struct Row {
    pub(super) known: Arc<Known>,
    pub(super) key: Key,
    pub(super) values: Values,
    /// Values that stand for nothing: they are written where something else is read.
    pub(super) empty: Values,
    /// Where it stood.
    pub(super) line: u64,
}

impl Import<'_> {
    /// Writes these, in as many batches as it takes.
    pub(super) fn write_rows(&mut self, rows: &mut Vec<Row>) -> Result<()> {
        let written = self.write_all(rows, |index| format!("line {}", rows[index].line), write);
        rows.clear();
        written
    }
}

fn write(transaction: &mut Transaction<'_>, row: &Row) -> Result<bool> {
    let schema = &*row.known.schema;
    if let Some(hooks) = &row.known.hooks {
        (hooks.learn)(transaction)?;
    }
    let report = transaction.update_by(schema, &row.key, |values| {
        for (name, empty) in &row.empty {
            let default = || row.known.attribute(name).and_then(|(attribute, _)| attribute.default_value());
            let stands = values.get(name).cloned().or_else(default);
            if stands.as_ref() != Some(empty) {
                values.insert(name.clone(), empty.clone());
            }
        }
        values
            .extend(row.values.iter().map(|(name, value): (&String, &Value)| (name.clone(), value.clone())));
        Ok(())
    })?;
    if let (Some(hooks), Some(version)) = (&row.known.hooks, &report.version) {
        (hooks.check)(transaction, version)?;
    }
    Ok(report.commit.is_some())
}
