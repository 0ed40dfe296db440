//! What a value violates of what its model asks: all of it, each with its place.

use super::Model;
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::value::{self, Value};
use serde::Serialize;
use std::fmt;

/// One thing that a value violates of what its model asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where: `age`, `home.city`, `people["ann"].name`; empty for the object as a whole.
    pub attribute: String,
    /// What is wrong with it.
    pub message: String,
}

/// `` `age` must be below 150``: the place and the message.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attribute.as_str() {
            "" => f.write_str(&self.message),
            attribute => write!(f, "`{attribute}` {}", self.message),
        }
    }
}

impl Violation {
    /// Whether it is at this field or somewhere inside it.
    pub(super) fn is_at(&self, field: &str) -> bool {
        let behind = self.attribute.strip_prefix(field);
        !field.is_empty() && behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(['.', '[']))
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

/// What a function for `validate` gives back.
#[diagnostic::on_unimplemented(
    message = "a function for `validate` returns `Result<(), E>` with an `E` that can be displayed, and not `{Self}`",
    label = "returns `{Self}`"
)]
#[doc(hidden)]
pub trait Checked {
    /// What is wrong with the value, if anything.
    fn fault(self) -> Option<String>;
}

#[diagnostic::do_not_recommend]
impl<E: fmt::Display> Checked for std::result::Result<(), E> {
    fn fault(self) -> Option<String> {
        self.err().map(|error| error.to_string())
    }
}

impl Violations {
    /// All that a value violates.
    pub fn of<T: Model>(value: &T) -> Vec<Violation> {
        let mut found = Violations::default();
        value.check(&mut found);
        found.0
    }

    /// Notes what a user's check says.
    pub fn note<C: Checked>(&mut self, attribute: &str, checked: C) {
        if let Some(fault) = checked.fault() {
            self.push(attribute, fault);
        }
    }

    /// Notes a required field that is empty: null, an empty text or empty bytes. 0, false, [] and {} are not.
    pub fn require<T: Serialize>(&mut self, attribute: &str, value: &T) {
        // What cannot be encoded is not empty, and is refused where it is written.
        let encoded = value::encode(value).unwrap_or_default();
        if matches!(encoded.as_slice(), [0xf6 | 0x60 | 0x40]) {
            self.push(attribute, "is required and empty".to_owned());
        }
    }

    /// Notes what is found inside a field.
    pub fn inside(&mut self, attribute: &str, look: impl FnOnce(&mut Self)) {
        let before = self.0.len();
        look(self);
        self.put_before(before, attribute);
    }

    /// Notes what is found below a key of a map.
    pub(super) fn below_key<K: Serialize>(&mut self, key: &K, look: impl FnOnce(&mut Self)) {
        let before = self.0.len();
        look(self);
        if self.0.len() > before {
            let key = value::to_value(key).map_or_else(|_| "…".to_owned(), |key| key.to_string());
            self.put_before(before, &format!("[{key}]"));
        }
    }

    /// Notes what is found in an item of a list with this encoded id.
    pub(super) fn below_id(&mut self, id: &[u8], look: impl FnOnce(&mut Self)) {
        let before = self.0.len();
        look(self);
        if self.0.len() > before {
            let id = Value::from_bytes(id).map_or_else(|_| "…".to_owned(), |id| id.to_string());
            self.put_before(before, &format!("[{id}]"));
        }
    }

    fn put_before(&mut self, from: usize, place: &str) {
        for violation in &mut self.0[from..] {
            let inner = &violation.attribute;
            let dot = if inner.is_empty() || inner.starts_with('[') { "" } else { "." };
            violation.attribute = format!("{place}{dot}{inner}");
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, violation: &Violation) -> bool {
        self.0.contains(violation)
    }

    pub(super) fn leave_out(&mut self, is_out: impl Fn(&Violation) -> bool) {
        self.0.retain(|violation| !is_out(violation));
    }

    pub(super) fn push(&mut self, attribute: &str, message: String) {
        self.0.push(Violation { attribute: attribute.to_owned(), message });
    }

    /// The error that names them all.
    pub(super) fn refuse(&self, key: &Key) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let all: Vec<String> = self.0.iter().map(Violation::to_string).collect();
        Err(Error::new(ErrorKind::Invalid, format!("`{key}` is not valid: {}", all.join("; "))))
    }
}
