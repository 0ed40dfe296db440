//! What two schemas of one kind disagree about, as far as it changes what a program reads.

use super::{Schema, SchemaAttribute};
use std::collections::BTreeMap;
use std::fmt;

/// Something that a program should know about data that another program, or an earlier one, has written.
///
/// Nothing is wrong with the data: whatever is said here, it is kept, merged and passed on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaIssue {
    /// The kind that the attribute belongs to; for an attribute of a nested drone, the kind of that drone.
    pub kind: String,
    /// The stored name of the attribute.
    pub attribute: String,
    /// What differs.
    pub what: SchemaChange,
}

/// What differs between an attribute in this program and the same attribute as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SchemaChange {
    /// Another strategy is another attribute: both states are kept, and this program reads its own.
    Strategy {
        /// The strategy in this program.
        here: String,
        /// The strategy under which the other state is stored.
        stored: String,
    },
    /// This program has no such attribute: it is kept, merged and passed on.
    Unknown {
        /// The strategy under which it is stored.
        strategy: String,
    },
    /// Another type under the same strategy, and no conversion: values that do not decode are an error of reading.
    Type {
        /// The type in this program.
        here: String,
        /// The type in the program that wrote.
        stored: String,
    },
    /// What was never written reads differently in the two programs.
    Default {
        /// The expression in this program; `None` is the default of the type.
        here: Option<String>,
        /// The expression in the other program.
        stored: Option<String>,
    },
    /// Another version of a strategy of one's own: the newer must read what the older wrote.
    Version {
        /// The version in this program.
        here: u32,
        /// The version in the program that wrote.
        stored: u32,
    },
    /// Other parameters of a declared strategy: what is stored is the same, and the two programs read it by their own.
    Reading {
        /// The declaration in this program.
        here: String,
        /// The declaration in the program that wrote.
        stored: String,
    },
}

impl Schema {
    /// What a program with this schema should know about data of the `stored` one; nothing where the kinds differ.
    ///
    /// What `self` has and `stored` lacks is no issue: it reads as its default.
    pub fn issues(&self, stored: &Schema) -> Vec<SchemaIssue> {
        if self.kind != stored.kind {
            return Vec::new();
        }
        let mut issues = compare(&self.kind, &self.attributes, &stored.attributes);
        for (kind, attributes) in &self.nested {
            if let Some(stored) = stored.nested.get(kind) {
                issues.extend(compare(kind, attributes, stored));
            }
        }
        issues
    }

    /// The same for an attribute of which no more is known than its stored name and strategy; the group of all
    /// `latest_object` fields has no name.
    pub fn issue_with(&self, name: &str, strategy: &str) -> Option<SchemaIssue> {
        let what = match self.attributes.iter().find(|attribute| attribute.name == name) {
            Some(here) if here.strategy == strategy => return None,
            Some(here) => SchemaChange::Strategy { here: here.strategy.clone(), stored: strategy.to_owned() },
            None if name.is_empty() && self.attributes.iter().any(|here| here.strategy == strategy) => {
                return None;
            }
            None => SchemaChange::Unknown { strategy: strategy.to_owned() },
        };
        Some(SchemaIssue { kind: self.kind.clone(), attribute: name.to_owned(), what })
    }
}

fn compare(kind: &str, here: &[SchemaAttribute], stored: &[SchemaAttribute]) -> Vec<SchemaIssue> {
    let here: BTreeMap<&str, &SchemaAttribute> =
        here.iter().map(|attribute| (attribute.name.as_str(), attribute)).collect();
    let mut issues = Vec::new();
    for stored in stored {
        let changes = match here.get(stored.name.as_str()) {
            Some(here) => changes(here, stored),
            None => vec![SchemaChange::Unknown { strategy: stored.strategy.clone() }],
        };
        issues.extend(changes.into_iter().map(|what| SchemaIssue {
            kind: kind.to_owned(),
            attribute: stored.name.clone(),
            what,
        }));
    }
    issues
}

fn changes(here: &SchemaAttribute, stored: &SchemaAttribute) -> Vec<SchemaChange> {
    if here.strategy != stored.strategy {
        let (here, stored) = (here.strategy.clone(), stored.strategy.clone());
        return vec![SchemaChange::Strategy { here, stored }];
    }
    let mut changes = Vec::new();
    // Whoever converts stores what the other reads.
    let converts = here.convert.is_some() || stored.convert.is_some();
    if here.type_text != stored.type_text && !converts {
        let (here, stored) = (here.type_text.clone(), stored.type_text.clone());
        changes.push(SchemaChange::Type { here, stored });
    }
    if here.default != stored.default && !converts {
        let (here, stored) = (here.default.clone(), stored.default.clone());
        changes.push(SchemaChange::Default { here, stored });
    }
    if here.declared != stored.declared {
        changes.push(SchemaChange::Reading {
            here: here.merge().into_owned(),
            stored: stored.merge().into_owned(),
        });
    }
    if here.version != stored.version {
        changes.push(SchemaChange::Version { here: here.version, stored: stored.version });
    }
    changes
}

/// ``Person: `visits` is stored as `counter` too; both are kept, and this program reads `latest` ``.
impl fmt::Display for SchemaIssue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.attribute.is_empty() { "latest_object" } else { &self.attribute };
        write!(f, "{}: `{name}` ", self.kind)?;
        match &self.what {
            SchemaChange::Strategy { here, stored } => {
                write!(f, "is stored as `{stored}` too; both are kept, and this program reads `{here}`")
            }
            SchemaChange::Unknown { strategy } => {
                write!(f, "(`{strategy}`) is not known to this program, which keeps it and passes it on")
            }
            SchemaChange::Type { here, stored } => {
                write!(f, "was written as `{stored}` and is read as `{here}`")
            }
            SchemaChange::Default { here, stored } => {
                let text = |default: &Option<String>| default.clone().unwrap_or("the type's own".to_owned());
                write!(f, "reads as {} where it was never written, elsewhere as {}", text(here), text(stored))
            }
            SchemaChange::Reading { here, stored } => {
                write!(f, "is read by `{here}`, and elsewhere by `{stored}`")
            }
            SchemaChange::Version { here, stored } => {
                write!(f, "was written by version {stored} of its strategy, and this program has {here}")
            }
        }
    }
}
