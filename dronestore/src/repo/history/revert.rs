//! Reverting: an object, or one field of it, set back to what it read as then; by a new commit.

use super::moment::Moment;
use crate::drone::Drone;
use crate::repo::conflicts::decisions;
use crate::repo::name::ObjectName;
use crate::repo::transaction::Transaction;
use crate::repo::{Repo, ValueReport, decisions_kind};
use crate::versioned::CommitReport;
use dronestore_core::causal::Seen;
use dronestore_core::schema::{Schema, SchemaAttribute, Values};
use dronestore_core::version::delta::written_since;
use dronestore_core::{Error, ErrorKind, Key, Result, Value, Version};
use std::collections::BTreeSet;

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

/// As [`value_of`], `None` where nothing is known of it.
fn read(schema: &Schema, values: &Values, field: &str) -> Option<Value> {
    value_of(schema, values, field).ok()
}

/// What was set back of one object, and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TakenBack {
    pub(super) fields: Vec<String>,
    pub(super) kept: Vec<(String, String)>,
}

impl Transaction<'_> {
    /// Takes back what led from one version to a later one, as far as nobody has written there since.
    pub(super) fn take_back(&mut self, before: Option<&Version>, after: &Version) -> Result<TakenBack> {
        let (kind, key) = (after.kind(), after.key());
        let row = crate::repo::rows::head(kind, key);
        let head = self.head(&row, key)?;
        let was_there = before.filter(|before| !before.is_deleted());
        let whole =
            |kept: &str| TakenBack { kept: vec![(String::new(), kept.to_owned())], ..TakenBack::default() };
        let Some(head) = head else { return Ok(whole("there is no such object any more")) };
        match (was_there, after.is_deleted(), head.is_deleted()) {
            (None, true, _) => Ok(TakenBack::default()),
            (None, false, true) | (Some(_), true, false) => Ok(whole("somebody has done so since")),
            (Some(_), false, true) => Ok(whole("the object was deleted since")),
            (None, false, false) if !self.is_still(&head, after)? => {
                Ok(whole("somebody has changed the object since"))
            }
            (None, false, false) => {
                self.delete_object(kind, key)?;
                Ok(TakenBack { fields: vec![String::new()], ..TakenBack::default() })
            }
            (Some(before), true, true) => self.bring_back(key, before),
            (Some(before), false, false) => self.set_back(key, before, after, &head),
        }
    }

    /// Writes a deleted object anew, as it read.
    fn bring_back(&mut self, key: &Key, before: &Version) -> Result<TakenBack> {
        let schema = self.schema_of_kind(before.kind())?;
        let old = self.read_now(&schema, before)?;
        let report = self.take_to(before.kind(), key, |values| {
            values.extend(old.clone());
            Ok(())
        })?;
        Ok(TakenBack { fields: report.changed, kept: Vec::new() })
    }

    /// Writes values; of a decision too, where this repo's own vote is taken back or given again.
    fn take_to(
        &mut self,
        kind: &str,
        key: &Key,
        change: impl FnOnce(&mut Values) -> Result<()>,
    ) -> Result<ValueReport> {
        if kind != decisions_kind() {
            return self.update_values(kind, key, change);
        }
        let schema = self.schema_of_kind(kind)?;
        self.update_by(&schema, key, change)
    }

    fn set_back(
        &mut self,
        key: &Key,
        before: &Version,
        after: &Version,
        head: &Version,
    ) -> Result<TakenBack> {
        let schema = self.schema_of_kind(after.kind())?;
        let since = unlike(head, after)?;
        let (old, new) = (self.read_now(&schema, before)?, self.read_now(&schema, after)?);
        let now = self.read_now(&schema, head)?;
        let mut back = TakenBack::default();
        for change in super::log::changes(Some(before), after, Some(&schema))? {
            let (field, strategy) = (change.name, change.strategy);
            let group = if strategy == "latest_object" { "" } else { &field };
            let reads_so = read(&schema, &new, &field) == read(&schema, &now, &field);
            let is_touched = since.iter().any(|name| name == group)
                && !(reads_so && self.wrote_alone(group, head, after)?);
            let value = match strategy.as_str() {
                "counter" => difference(&old, &new, &now, &field),
                _ if is_touched => {
                    back.kept.push((field, "somebody has written there since".to_owned()));
                    continue;
                }
                _ => value_of(&schema, &old, &field),
            };
            let written = value.and_then(|value| {
                self.take_to(after.kind(), key, |values| {
                    values.insert(field.clone(), value);
                    Ok(())
                })
            });
            match written {
                Ok(report) if !report.not_recorded.is_empty() => {
                    back.kept.push((field, report.not_recorded.join("; ")));
                }
                Ok(_) => back.fields.push(field),
                Err(error) if stays(error.kind()) => back.kept.push((field, error.to_string())),
                Err(error) => return Err(error),
            }
        }
        Ok(back)
    }

    /// Whether an object reads as it did, and nobody but this repo has written to it since.
    fn is_still(&self, head: &Version, after: &Version) -> Result<bool> {
        let (own, seen) = (self.writer.home.actor, after.context());
        let is_known = |line: &Seen| line.actor == own || seen.get(&line.actor) == Some(line);
        if head == after || !head.context().entries().iter().all(is_known) {
            return Ok(head == after);
        }
        let schema = self.schema_of_kind(after.kind())?;
        let (old, new) = (self.read_now(&schema, after)?, self.read_now(&schema, head)?);
        Ok(old.keys().chain(new.keys()).all(|name| read(&schema, &old, name) == read(&schema, &new, name)))
    }

    /// Whether all that was written to an attribute since, of what stands there, is this repo's own.
    fn wrote_alone(&self, attribute: &str, head: &Version, after: &Version) -> Result<bool> {
        let (own, known) = (self.writer.home.actor.to_string(), writers(after, attribute)?);
        Ok(writers(head, attribute)?.iter().all(|dot| dot.0 == own || known.contains(dot)))
    }

    /// The values of a version, conflicts as they are decided now.
    fn read_now(&self, schema: &Schema, version: &Version) -> Result<Values> {
        let rulings = match version.may_have_rulings()? {
            true => Some(decisions::rulings(self, version)?),
            false => None,
        };
        schema.values(version, rulings.as_ref())
    }

    fn schema_of_kind(&self, kind: &str) -> Result<Schema> {
        let known = self.repo.inner.models.schemas().into_iter().find(|schema| schema.kind == kind);
        let missing = || Error::new(ErrorKind::NotFound, format!("no schema of kind `{kind}` is here"));
        known.map_or_else(|| self.repo.schema_of(kind)?.ok_or_else(missing), Ok)
    }
}

/// The names of the attributes in which something else stands than before.
fn unlike(head: &Version, after: &Version) -> Result<Vec<String>> {
    let all = || (0..after.shape().len()).filter_map(|index| after.shape().head(index)).map(|(name, _)| name);
    let names = written_since(head, after)?;
    Ok(names.map_or_else(
        || all().map(str::to_owned).collect(),
        |names| names.iter().map(|name| (*name).to_owned()).collect(),
    ))
}

/// Who wrote what stands in an attribute: actors and sequences.
fn writers(version: &Version, attribute: &str) -> Result<BTreeSet<(String, u64)>> {
    let mut found = BTreeSet::new();
    let mut parts = version.explain(attribute, |_| Ok(None))?.parts;
    while let Some(part) = parts.pop() {
        found.extend(part.writes.into_iter().map(|write| (write.actor, write.sequence)));
        parts.extend(part.parts);
    }
    Ok(found)
}

/// Whether a field that cannot be set back is told of, and keeps nothing else from being.
fn stays(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Refused | ErrorKind::Unsupported | ErrorKind::Invalid | ErrorKind::InvalidValue)
}

/// What a counter comes to without what was added: what others added stays.
fn difference(old: &Values, new: &Values, now: &Values, field: &str) -> Result<Value> {
    let number = |values: &Values| match values.get(field) {
        Some(Value::Integer(number)) => i128::try_from(*number).unwrap_or_default(),
        _ => 0,
    };
    let sum = number(now).checked_sub(number(new)).and_then(|rest| rest.checked_add(number(old)));
    sum.map(Value::from)
        .ok_or_else(|| Error::new(ErrorKind::InvalidValue, format!("`{field}` would be too large a number")))
}
