//! Reverting: an object, or one field of it, set back to what it read as then; by a new commit.

use super::moment::Moment;
use crate::drone::Drone;
use crate::repo::name::ObjectName;
use crate::repo::{Repo, ValueReport};
use crate::versioned::CommitReport;
use dronestore_core::schema::{Schema, SchemaAttribute, Values};
use dronestore_core::{Error, ErrorKind, Result, Value};

impl Repo {
    /// Sets an object back to what it read as at a moment: a new commit that has seen all that stands there, and writes each
    /// field that reads otherwise. Where there was no object then, it is deleted.
    ///
    /// What a strategy does not let go down stays: the report names a `max` that was not recorded.
    ///
    /// ```
    /// # use dronestore::{Drone, History, Repo};
    /// # #[derive(Drone)] struct Page { #[merge(latest)] title: String }
    /// let repo = Repo::builder().history::<Page>(History::Full).open()?;
    /// let first = repo.put("home", Page { title: "Home".into() })?.version().expect("saved").hash();
    /// repo.put("home", Page { title: "Hoem".into() })?;
    /// repo.revert::<Page>("home", first)?;
    /// assert_eq!(repo.get::<Page>("home")?.expect("there").title, "Home");
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Repo::at`] and [`Repo::put`]; [`Refused`](ErrorKind::Refused) where a strategy forbids the way back, as `union`
    /// and counters without a sign do.
    ///
    /// Cost: that of both.
    pub fn revert<T: Drone>(&self, name: impl ObjectName, moment: impl Into<Moment>) -> Result<CommitReport> {
        let key = name.key(T::KIND)?;
        let then = self.history::<T>(&key)?.at(moment)?;
        self.attempt(|| {
            self.write(|transaction| match &then {
                Some(then) => transaction.put_value(&key, then.value()),
                None => transaction.delete::<T>(&key).map(|_| CommitReport::default()),
            })
        })
    }

    /// Sets one field, by its stored name, back to what it read as at a moment; one that was not written yet to its default.
    ///
    /// # Errors
    /// As [`Repo::at`] and [`Repo::update_values`]; [`NotFound`](ErrorKind::NotFound) where there is no such field, or there
    /// was no object then.
    pub fn revert_field<T: Drone>(
        &self,
        name: impl ObjectName,
        field: &str,
        moment: impl Into<Moment>,
    ) -> Result<ValueReport> {
        let key = name.key(T::KIND)?;
        let (past, moment) = (self.history::<T>(&key)?, moment.into());
        let then = past.version_at(moment)?.filter(|version| !version.is_deleted());
        let missing = || Error::new(ErrorKind::NotFound, format!("there was no object `{key}` {moment}"));
        let (then, schema) = (then.ok_or_else(missing)?, past.schema()?.unwrap_or_else(T::schema));
        let values = past.view.values_by(&schema, &then)?;
        let value = value_of(&schema, &values, field)?;
        self.update_values(T::KIND, &key, |values| {
            values.insert(field.to_owned(), value.clone());
            Ok(())
        })
    }
}

/// What a field reads as by these values: its default where it is not among them.
pub(super) fn value_of(schema: &Schema, values: &Values, field: &str) -> Result<Value> {
    if let Some(value) = values.get(field) {
        return Ok(value.clone());
    }
    let known = schema.attributes.iter().find(|attribute| attribute.name == field);
    let missing = || {
        let message = format!("`{}` has no attribute `{}`", schema.kind, field.escape_debug());
        Error::new(ErrorKind::NotFound, message)
    };
    default_of(schema, known.ok_or_else(missing)?, &mut { MOST_DEFAULTS }).ok_or_else(|| {
        let message = format!("`{field}` was not written then, and only the program knows its default");
        Error::new(ErrorKind::Unsupported, message)
    })
}

/// Of how many attributes a default is put together: a schema that came from elsewhere may lead in a circle.
const MOST_DEFAULTS: usize = 1024;

/// What an attribute reads as that was never written: of a nested drone, what each of its fields does.
fn default_of(schema: &Schema, attribute: &SchemaAttribute, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    let nested = match (&attribute.default, &attribute.nested, attribute.default_value()) {
        (None, Some(nested), None) => schema.nested.get(nested)?,
        (.., value) => return value,
    };
    let fields =
        nested.iter().map(|field| Some((field.name.as_str().into(), default_of(schema, field, left)?)));
    fields.collect::<Option<_>>().map(Value::Map)
}
