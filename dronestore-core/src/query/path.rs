//! A path into an object: an attribute or what is known of the object itself, and steps into the value.

use crate::error::Result;
use crate::key::Key;
use crate::model::Model;
use crate::time::Nanotime;
use crate::value::{Cell, Value};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a query looks at.
pub trait Row {
    /// The object's key.
    fn key(&self) -> &Key;

    /// Its kind.
    fn kind(&self) -> &str;

    /// When it was made.
    fn created(&self) -> Nanotime;

    /// When it was last written.
    fn committed(&self) -> Nanotime;

    /// What an attribute reads as; `None` where nothing was written.
    ///
    /// # Errors
    /// Where the object cannot be read.
    fn attribute(&self, name: &str) -> Result<Option<Cow<'_, Value>>>;
}

/// Where a path begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// An attribute by its stored name.
    Attribute(String),
    /// The object's key, as text: `@key`.
    Key,
    /// The key above it, as text: `@parent`.
    Parent,
    /// Its kind: `@kind`.
    Kind,
    /// When it was made, in nanoseconds: `@created`.
    Created,
    /// When it was last written, in nanoseconds: `@committed`.
    Committed,
}

/// A step into a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// What stands under this key of a map or of a nested drone; at this place of a list, from 0.
    At(Value),
    /// How many characters, bytes, items or entries there are: `.len()`.
    Len,
    /// This, where there is nothing: `?? 0`. A null that was written is something.
    Or(Value),
}

/// A path into an object; as text `age`, `address.city`, `scores["ann"]`, `@created`, `visits ?? 0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Where it begins.
    pub root: Root,
    /// How it goes on.
    pub steps: Vec<Step>,
}

impl Path {
    /// The path to this attribute.
    pub fn attribute(name: impl Into<String>) -> Path {
        Path::from(Root::Attribute(name.into()))
    }

    /// A step on: the field of this name, the entry under this key.
    #[must_use]
    pub fn at(mut self, key: impl Into<Value>) -> Path {
        self.steps.push(Step::At(key.into()));
        self
    }

    /// How long what stands there is.
    #[must_use]
    pub fn len(mut self) -> Path {
        self.steps.push(Step::Len);
        self
    }

    /// This instead, where there is nothing: the default of a field.
    #[must_use]
    pub fn or(mut self, default: impl Into<Value>) -> Path {
        self.steps.push(Step::Or(default.into()));
        self
    }

    /// The default of a model's field, where the path goes through one and does not say itself what is there instead.
    pub fn or_default_of<T: Model>(&mut self) {
        let Root::Attribute(name) = &self.root else { return };
        if !matches!(self.steps.first(), Some(Step::Or(_)))
            && let Some(default) = T::default_of(name)
        {
            self.steps.insert(0, Step::Or(default));
        }
    }

    /// Whether it begins at this attribute.
    pub(super) fn is_of(&self, attribute: &str) -> bool {
        matches!(&self.root, Root::Attribute(name) if name == attribute)
    }

    /// Whether it ends where it begins, where anything is there.
    pub fn is_whole(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Or(_)))
    }

    /// What stands there, where it begins with this cell; null where there is nothing.
    pub fn cell<'c>(&self, begin: Option<&Cell<'c>>) -> Cell<'c> {
        match begin {
            Some(cell) if self.is_whole() => cell.clone(),
            begin => self.follow(begin.map(Cell::to_value)).into_owned().into(),
        }
    }

    /// What stands there, null where there is nothing.
    ///
    /// # Errors
    /// As [`Row::attribute`].
    pub fn read<'r>(&'r self, row: &'r (impl Row + ?Sized)) -> Result<Cow<'r, Value>> {
        let known = |value: Value| Some(Cow::Owned(value));
        let begin = match &self.root {
            Root::Attribute(name) => row.attribute(name)?,
            Root::Key => known(row.key().to_string().into()),
            Root::Parent => row.key().parent().and_then(|key| known(key.to_string().into())),
            Root::Kind => known(row.kind().into()),
            Root::Created => known(row.created().as_nanos().into()),
            Root::Committed => known(row.committed().as_nanos().into()),
        };
        Ok(self.follow(begin))
    }

    /// What stands there, where it begins with this; null where there is nothing.
    pub fn follow<'r>(&'r self, begin: Option<Cow<'r, Value>>) -> Cow<'r, Value> {
        let end = self.steps.iter().fold(begin, |value, step| step.take(value));
        end.unwrap_or(Cow::Owned(Value::Null))
    }
}

impl From<Root> for Path {
    fn from(root: Root) -> Path {
        Path { root, steps: Vec::new() }
    }
}

impl Step {
    /// What it comes to; nothing stays nothing, and below null there is null.
    pub(super) fn take<'v>(&'v self, value: Option<Cow<'v, Value>>) -> Option<Cow<'v, Value>> {
        match (self, value) {
            (Step::Or(default), None) => Some(Cow::Borrowed(default)),
            (Step::Or(_), value) => value,
            (_, None) => None,
            (_, Some(value)) if value.is_null() => Some(value),
            (Step::Len, Some(value)) => length(&value).map(|length| Cow::Owned((length as u64).into())),
            (Step::At(key), Some(Cow::Borrowed(value))) => below(value, key).map(Cow::Borrowed),
            (Step::At(key), Some(Cow::Owned(value))) => below(&value, key).cloned().map(Cow::Owned),
        }
    }
}

fn below<'v>(value: &'v Value, key: &Value) -> Option<&'v Value> {
    match value {
        Value::Map(entries) => entries.get(key),
        Value::List(items) => items.get(usize::try_from(key.as_u64()?).ok()?),
        Value::Some(inner) => below(inner, key),
        _ => None,
    }
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::Text(text) => Some(text.chars().count()),
        Value::Bytes(bytes) => Some(bytes.len()),
        Value::List(items) => Some(items.len()),
        Value::Map(entries) => Some(entries.len()),
        _ => None,
    }
}
