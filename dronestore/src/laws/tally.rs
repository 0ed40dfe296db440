//! What was written and what was refused: a model that takes nothing has not been tried.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

const HELP: &str = "give some with `laws::Check::edit` or `laws::Check::generate`";
const VALUES: &str = "give valid values with `laws::Check::edit`, or whole ones with `laws::Check::generate`";

/// A field whose values cannot be guessed.
#[derive(Debug, Clone)]
pub(super) struct Blind {
    pub(super) name: &'static str,
    /// Its name and type, and what the type says of the last guess.
    pub(super) text: String,
}

/// What is said of fields for which there are no values.
pub(super) fn without(blind: &[&Blind]) -> String {
    let all: Vec<&str> = blind.iter().map(|blind| blind.text.as_str()).collect();
    format!("values cannot be guessed for {}; {HELP}", all.join(", "))
}

#[derive(Debug, Default)]
pub(super) struct Tally(RefCell<Counted>);

#[derive(Debug, Default)]
struct Counted {
    /// The attributes that some commit has changed.
    changed: BTreeSet<&'static str>,
    /// The attributes that a refused commit was about, with what the model said.
    refused: BTreeMap<&'static str, String>,
    last: String,
    accepted: bool,
}

impl Tally {
    pub(super) fn accepted(&self, changed: &[&'static str]) {
        let mut counted = self.0.borrow_mut();
        counted.accepted = true;
        counted.changed.extend(changed);
    }

    pub(super) fn refused(&self, about: impl Iterator<Item = &'static str>, message: &str) {
        let mut counted = self.0.borrow_mut();
        counted.refused.extend(about.map(|name| (name, message.to_owned())));
        message.clone_into(&mut counted.last);
    }

    /// What is said of the fields among these that no commit has changed.
    pub(super) fn unguessed(&self, blind: &[Blind]) -> Option<String> {
        let counted = self.0.borrow();
        let never: Vec<&Blind> = blind.iter().filter(|blind| !counted.changed.contains(blind.name)).collect();
        (!never.is_empty()).then(|| format!("{}: none so far changes it", without(&never)))
    }

    /// What is said where no commit was accepted, or none that changes a certain field.
    pub(super) fn unaccepted(&self) -> Option<String> {
        let counted = self.0.borrow();
        if !counted.accepted && !counted.last.is_empty() {
            return Some(format!("no commit was accepted; the last time: {}; {VALUES}", counted.last));
        }
        let (name, message) = counted.refused.iter().find(|(name, _)| !counted.changed.contains(*name))?;
        let name = if name.is_empty() { "latest_object" } else { name };
        Some(format!(
            "no commit that changes `{name}` was accepted; the last time: {message}; {VALUES}; or leave the field out \
             with `laws::Check::skip`"
        ))
    }
}
