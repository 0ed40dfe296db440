//! Taking back: what one transaction did to an object, undone as far as nobody else has written there since.

use super::members::{self, Writers};
use super::revert::value_of;
use crate::repo::conflicts::decisions;
use crate::repo::transaction::Transaction;
use dronestore_core::causal::Seen;
use dronestore_core::model::Violation;
use dronestore_core::schema::{Schema, Values, Written};
use dronestore_core::version::delta::written_since;
use dronestore_core::{Error, ErrorKind, Key, Result, Value, Version};
use std::collections::{BTreeMap, BTreeSet};

/// What was set back of one object, and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TakenBack {
    pub(super) fields: Vec<String>,
    pub(super) kept: Vec<(String, String)>,
}

/// What is known of an object before it is taken back.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// The fields that stayed when later steps were taken back: what they read as is nobody's change.
    pub(super) left: BTreeSet<String>,
    /// The fields that cannot be set back, and why; an empty name for all of it.
    pub(super) refused: BTreeMap<String, String>,
}

const TOUCHED: &str = "somebody has written there since";

impl TakenBack {
    /// The object as a whole stays.
    fn whole(why: &str) -> TakenBack {
        TakenBack { kept: vec![(String::new(), why.to_owned())], ..TakenBack::default() }
    }
}

impl Transaction<'_> {
    /// Takes back what led from one version to a later one, as far as nobody has written there since.
    pub(super) fn take_back(
        &mut self,
        before: Option<&Version>,
        after: &Version,
        known: &Known,
    ) -> Result<TakenBack> {
        let (kind, key) = (after.kind(), after.key());
        let row = crate::repo::rows::head(kind, key);
        let head = self.head(&row, key)?;
        let was_there = before.filter(|before| !before.is_deleted());
        if let Some(why) = known.refused.get("") {
            return Ok(TakenBack::whole(why));
        }
        let Some(head) = head else { return Ok(TakenBack::whole("there is no such object any more")) };
        match (was_there, after.is_deleted(), head.is_deleted()) {
            (None, true, _) => Ok(TakenBack::default()),
            (None, false, true) | (Some(_), true, false) => {
                Ok(TakenBack::whole("somebody has done so since"))
            }
            (Some(_), false, true) => Ok(TakenBack::whole("the object was deleted since")),
            (None, false, false) if !self.is_still(&head, after, &known.left)? => {
                Ok(TakenBack::whole("somebody has changed the object since"))
            }
            (None, false, false) => {
                self.delete_object(kind, key)?;
                Ok(TakenBack { fields: vec![String::new()], ..TakenBack::default() })
            }
            (Some(before), true, true) => self.bring_back(key, before, known),
            (Some(before), false, false) => self.set_back(before, after, &head, known),
        }
    }

    /// Writes a deleted object anew, as it read.
    fn bring_back(&mut self, key: &Key, before: &Version, known: &Known) -> Result<TakenBack> {
        if let Some(why) = known.refused.values().next() {
            return Ok(TakenBack::whole(why));
        }
        let schema = self.schema_of_kind(before.kind())?;
        let wanted: Vec<(String, Value)> = self.read_now(&schema, before)?.into_iter().collect();
        if let Some(why) = self.hindrance(&schema, key, &wanted, &[])? {
            return Ok(TakenBack::whole(&why));
        }
        let report = self.update_by(&schema, key, |values| {
            values.extend(wanted);
            Ok(())
        })?;
        Ok(TakenBack { fields: report.changed, kept: Vec::new() })
    }

    fn set_back(
        &mut self,
        before: &Version,
        after: &Version,
        head: &Version,
        known: &Known,
    ) -> Result<TakenBack> {
        let schema = self.schema_of_kind(after.kind())?;
        let since = unlike(head, after)?;
        let (old, new) = (self.read_now(&schema, before)?, self.read_now(&schema, after)?);
        let now = self.read_now(&schema, head)?;
        let (mut back, mut wanted) = (TakenBack::default(), Vec::new());
        for change in super::log::changes(Some(before), after, Some(&schema))? {
            let (field, strategy) = (change.name, change.strategy);
            if let Some(why) = known.refused.get(&field) {
                back.kept.push((field, why.clone()));
                continue;
            }
            let group = if strategy == "latest_object" { "" } else { &field };
            let reads_so = read(&schema, &new, &field) == read(&schema, &now, &field);
            let is_touched = since.iter().any(|name| name == group)
                && !(reads_so && self.wrote_alone(group, head, after)?);
            let value = match strategy.as_str() {
                "counter" => difference(&old, &new, &now, &field),
                _ if is_touched && members::has_members(&strategy) => {
                    let each = (value_of(&schema, &old, &field), value_of(&schema, &new, &field));
                    let now = value_of(&schema, &now, &field);
                    let own = self.writer.home.actor.to_string();
                    let (there, then) = (Writers::of(head, &field)?, Writers::of(after, &field)?);
                    let is_own = |member: &Value| there.are_of(member, &own, &then);
                    each.0.and_then(|old| {
                        let parted =
                            members::without((&old, &each.1?), &now?, (strategy == "map(counter)", is_own));
                        let stays = |member: &Value| (format!("{field}[{member}]"), TOUCHED.to_owned());
                        back.kept.extend(parted.kept.iter().map(stays));
                        Ok(parted.value)
                    })
                }
                _ if is_touched => {
                    back.kept.push((field, TOUCHED.to_owned()));
                    continue;
                }
                _ => value_of(&schema, &old, &field),
            };
            match value {
                Ok(value) if read(&schema, &now, &field).as_ref() == Some(&value) && is_touched => {}
                Ok(value) => wanted.push((field, value)),
                Err(error) if stays(error.kind()) => back.kept.push((field, error.to_string())),
                Err(error) => return Err(error),
            }
        }
        self.write_back(&schema, head, wanted, &mut back)?;
        back.kept.sort();
        Ok(back)
    }

    /// Writes these values in one commit; what keeps the others from being written is left out.
    fn write_back(
        &mut self,
        schema: &Schema,
        head: &Version,
        wanted: Vec<(String, Value)>,
        back: &mut TakenBack,
    ) -> Result<()> {
        let (key, before) = (head.key(), self.violations(head)?);
        let mut good = wanted;
        if self.hindrance(schema, key, &good, &before)?.is_some() {
            for one in std::mem::take(&mut good) {
                good.push(one);
                if let Some(why) = self.hindrance(schema, key, &good, &before)? {
                    back.kept.extend(good.pop().map(|(field, _)| {
                        let place = format!("attribute `{field}`: ");
                        let why = why.strip_prefix(&place).unwrap_or(&why).to_owned();
                        (field, why)
                    }));
                }
            }
        }
        back.fields.extend(good.iter().map(|(field, _)| field.clone()));
        if !good.is_empty() {
            self.update_by(schema, key, |values| {
                values.extend(good);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Why these values cannot all be written, if they cannot: a strategy forbids it or would not record it, or the model
    /// finds in what comes of it what it did not find `before`.
    fn hindrance(
        &mut self,
        schema: &Schema,
        key: &Key,
        wanted: &[(String, Value)],
        before: &[Violation],
    ) -> Result<Option<String>> {
        let planned = self.plan_by(schema, key, |values| {
            values.extend(wanted.iter().cloned());
            Ok(())
        });
        let planned = match planned {
            Ok(planned) => planned,
            Err(error) if stays(error.kind()) => {
                let (why, place) = (error.to_string(), format!("{key}: "));
                return Ok(Some(why.strip_prefix(&place).unwrap_or(&why).to_owned()));
            }
            Err(error) => return Err(error),
        };
        if !planned.notes.is_empty() {
            return Ok(Some(planned.notes.join("; ")));
        }
        let Some(Written { version, .. }) = planned.result else { return Ok(None) };
        let mut found = self.violations(&version)?;
        found.retain(|violation| !before.contains(violation));
        let all: Vec<String> = found.iter().map(Violation::to_string).collect();
        Ok((!all.is_empty()).then(|| format!("it would not be valid: {}", all.join("; "))))
    }

    /// What a version violates of what its model asks, as far as this program has the model and can read it.
    fn violations(&self, version: &Version) -> Result<Vec<Violation>> {
        match self.repo.inner.models.violations(self, version) {
            Err(error) if stays(error.kind()) => Ok(Vec::new()),
            other => other,
        }
    }

    /// Whether an object reads as it did but for these fields, and nobody but this repo has written to it since.
    fn is_still(&self, head: &Version, after: &Version, left: &BTreeSet<String>) -> Result<bool> {
        let (own, seen) = (self.writer.home.actor, after.context());
        let is_known = |line: &Seen| line.actor == own || seen.get(&line.actor) == Some(line);
        if head == after || !head.context().entries().iter().all(is_known) {
            return Ok(head == after);
        }
        let schema = self.schema_of_kind(after.kind())?;
        let (old, new) = (self.read_now(&schema, after)?, self.read_now(&schema, head)?);
        let mut names = old.keys().chain(new.keys()).filter(|name| !left.contains(*name));
        Ok(names.all(|name| read(&schema, &old, name) == read(&schema, &new, name)))
    }

    /// Whether all that was written to an attribute since, of what stands there, is this repo's own.
    fn wrote_alone(&self, attribute: &str, head: &Version, after: &Version) -> Result<bool> {
        let own = self.writer.home.actor.to_string();
        Ok(Writers::of(head, attribute)?.are_all_of(&own, &Writers::of(after, attribute)?))
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

/// As [`value_of`], `None` where nothing is known of it.
fn read(schema: &Schema, values: &Values, field: &str) -> Option<Value> {
    value_of(schema, values, field).ok()
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

/// Whether a field that cannot be set back is told of, and keeps nothing else from being.
fn stays(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Refused
            | ErrorKind::Unsupported
            | ErrorKind::Invalid
            | ErrorKind::InvalidValue
            | ErrorKind::NotFound
    )
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
