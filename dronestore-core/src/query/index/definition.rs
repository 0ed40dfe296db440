//! What an index is of: a kind, the paths whose values it keeps, and how these are read.

use super::encode::{self, RESIDUE};
use crate::error::{Error, Result};
use crate::query::path::{Path, Root, Step};
use crate::schema::{Column, Schema, SchemaAttribute};
use crate::value::{self, Value};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// How many parts an index has at most, and one of them at most of which each element counts.
pub const MOST_PARTS: usize = 8;

/// What an index is of. Equal definitions have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexDefinition {
    /// The stored name of the model.
    pub kind: String,
    /// What is compared first, then what next.
    pub parts: Vec<IndexPart>,
    /// Whether no two objects should have the same values.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unique: bool,
    /// How the attributes are read: of a schema what says that, and nothing else.
    pub schema: Schema,
}

/// One of the values that an index keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexPart {
    attribute: String,
    steps: Vec<Step>,
    /// Whether each element of a set or list counts, and each entry of a map.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub each: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    strategy: String,
}

/// How a path relates to that of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// It reads the same of every object.
    Same,
    /// It reads the same of every object in which all of it was written.
    OtherDefault,
    /// Nothing is known.
    Other,
}

impl IndexPart {
    pub(in crate::query) fn at(attribute: String, steps: Vec<Step>, each: bool) -> IndexPart {
        IndexPart { attribute, steps, each, strategy: String::new() }
    }

    /// The stored name of the attribute.
    pub fn attribute(&self) -> &str {
        &self.attribute
    }

    /// The path.
    pub fn path(&self) -> Path {
        Path { root: Root::Attribute(self.attribute.clone()), steps: self.steps.clone() }
    }

    pub(super) fn likeness(&self, path: &Path) -> Likeness {
        let is_ours = matches!(&path.root, Root::Attribute(name) if *name == self.attribute);
        if !is_ours {
            return Likeness::Other;
        }
        if self.steps == path.steps {
            return Likeness::Same;
        }
        let mut ours = self.steps.iter().filter(|step| !matches!(step, Step::Or(_)));
        let mut theirs = path.steps.iter().filter(|step| !matches!(step, Step::Or(_)));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return Likeness::OtherDefault,
                (Some(ours), Some(theirs)) if ours == theirs => {}
                _ => return Likeness::Other,
            }
        }
    }

    /// Whether it is certainly one of the entries of a map.
    pub(super) fn is_map(&self) -> bool {
        self.each && self.strategy.starts_with("map(")
    }

    /// Whether it is certainly one of elements or items.
    pub(super) fn is_list(&self) -> bool {
        self.each && ["set", "union", "list"].iter().any(|word| self.strategy.starts_with(word))
    }

    /// The value there, in what the attribute reads as.
    pub fn read<'v>(&'v self, attribute: Option<Cow<'v, Value>>) -> Cow<'v, Value> {
        let end = self.steps.iter().fold(attribute, |value, step| step.take(value));
        end.unwrap_or(Cow::Owned(Value::Null))
    }
}

impl IndexDefinition {
    /// The index of a model's objects at these paths.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) where there are too many parts, or several of which each element counts.
    pub fn new(schema: &Schema, mut parts: Vec<IndexPart>, unique: bool) -> Result<IndexDefinition> {
        let refused = |message: String| Err(Error::new(crate::ErrorKind::Unsupported, message));
        if parts.is_empty() || parts.len() > MOST_PARTS {
            return refused(format!(
                "an index of `{}` has {} fields, not 1 to {MOST_PARTS}",
                schema.kind,
                parts.len()
            ));
        }
        if parts.iter().filter(|part| part.each).count() > 1 {
            return refused(format!(
                "an index of `{}` has several sets, lists or maps: one is the most",
                schema.kind
            ));
        }
        let mut kept = Schema { kind: schema.kind.clone(), attributes: Vec::new(), nested: BTreeMap::new() };
        for attribute in &schema.attributes {
            let mut named = parts.iter_mut().filter(|part| part.attribute == attribute.name).peekable();
            if named.peek().is_none() {
                continue;
            }
            for part in
                named.filter(|part| part.each && part.steps.iter().all(|step| matches!(step, Step::Or(_))))
            {
                part.strategy.clone_from(&attribute.strategy);
            }
            keep_nested(schema, attribute, &mut kept.nested);
            kept.attributes.push(reading(attribute));
        }
        Ok(IndexDefinition { kind: schema.kind.clone(), parts, unique, schema: kept })
    }

    /// Whether a schema reads the attributes of the index as the index does.
    pub fn is_read_by(&self, schema: &Schema) -> bool {
        IndexDefinition::new(schema, self.parts.clone(), self.unique)
            .is_ok_and(|other| other.schema == self.schema)
            && self
                .parts
                .iter()
                .all(|part| schema.attributes.iter().any(|known| known.name == part.attribute))
    }

    /// The attributes whose values it keeps, each once, and how to read them of a version.
    pub fn columns(&self) -> Vec<Column> {
        self.schema.attributes.iter().map(|attribute| self.schema.column(&attribute.name)).collect()
    }

    /// Whether what is decided about a conflict may change what it keeps of an object.
    pub fn follows_decisions(&self) -> bool {
        let asks = |attribute: &SchemaAttribute| attribute.strategy.contains("conflict");
        self.schema.attributes.iter().chain(self.schema.nested.values().flatten()).any(asks)
    }

    /// Calls this with the values of each row that an object has: encoded, one behind the other.
    ///
    /// `read` gives what an attribute reads as, `None` where nothing was written. Where it cannot be read the object has one
    /// row, of [`RESIDUE`] alone.
    pub fn rows<'v>(
        &'v self,
        read: &mut dyn FnMut(&str) -> Result<Option<Cow<'v, Value>>>,
        row: &mut Vec<u8>,
        each: &mut dyn FnMut(&[u8]),
    ) {
        let start = row.len();
        if let [part] = &self.parts[..]
            && !part.each
            && let Ok(value) = read(&part.attribute)
        {
            encode::put(&part.read(value), row);
            each(&row[start..]);
            return row.truncate(start);
        }
        // All parts are read before the first row is told, so that it is all of them or the residue.
        let values: Result<Vec<Cow<'v, Value>>> =
            self.parts.iter().map(|part| Ok(part.read(read(&part.attribute)?))).collect();
        match values {
            Ok(values) => self.put_parts(&values, 0, row, &mut |row| each(&row[start..])),
            Err(_) => {
                row.push(RESIDUE);
                each(&row[start..]);
            }
        }
        row.truncate(start);
    }

    fn put_parts(
        &self,
        values: &[Cow<'_, Value>],
        index: usize,
        row: &mut Vec<u8>,
        each: &mut dyn FnMut(&[u8]),
    ) {
        let Some(value) = values.get(index) else { return each(row) };
        let start = row.len();
        if !self.parts[index].each {
            encode::put(value, row);
            self.put_parts(values, index + 1, row, each);
            return row.truncate(start);
        }
        match elements(value) {
            Value::List(items) => {
                for item in items {
                    encode::put(item, row);
                    self.put_parts(values, index + 1, row, each);
                    row.truncate(start);
                }
            }
            Value::Map(entries) => {
                for (key, value) in entries {
                    encode::put_pair(key, value, row);
                    self.put_parts(values, index + 1, row, each);
                    row.truncate(start);
                }
            }
            _ => {}
        }
    }

    /// Its bytes.
    ///
    /// # Errors
    /// None in practice: defaults that cannot be stored are not part of it.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        value::encode(self)
    }
}

fn elements(value: &Value) -> &Value {
    match value {
        Value::Some(inner) => elements(inner),
        other => other,
    }
}

/// What a schema says about how an attribute is read.
fn reading(attribute: &SchemaAttribute) -> SchemaAttribute {
    SchemaAttribute {
        type_text: String::new(),
        required: false,
        link: None,
        default: None,
        convert: None,
        ..attribute.clone()
    }
}

fn keep_nested(
    schema: &Schema,
    attribute: &SchemaAttribute,
    kept: &mut BTreeMap<String, Vec<SchemaAttribute>>,
) {
    let Some(kind) = attribute.nested.as_ref().filter(|kind| !kept.contains_key(*kind)) else { return };
    let Some(inner) = schema.nested.get(kind) else { return };
    // Noted before it is walked: a drone may hold maps of itself.
    kept.insert(kind.clone(), inner.iter().map(reading).collect());
    inner.iter().for_each(|attribute| keep_nested(schema, attribute, kept));
}

/// `Person(last, home.city)`.
impl fmt::Display for IndexDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.kind)?;
        for (index, part) in self.parts.iter().enumerate() {
            write!(f, "{}{part}", if index > 0 { ", " } else { "" })?;
        }
        f.write_str(")")
    }
}

/// The path without defaults: `home.city`.
impl fmt::Display for IndexPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path = self.path();
        path.steps.retain(|step| !matches!(step, Step::Or(_)));
        path.fmt(f)
    }
}
