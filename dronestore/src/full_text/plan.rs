//! Plan: which texts of which kinds are in an index, as data.

use crate::model::AskedPart;
use crate::query::{Path, Root, Row, Step};
use crate::repo::decisions_kind;
use crate::schema::{Column, Schema, SchemaAttribute};
use crate::{Error, ErrorKind, Key, Nanotime, Result, Value, Version, View};
use dronestore_core::query::index::IndexPart;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How many fields an index has at most; those of several kinds that have one name are one.
const MOST_FIELDS: usize = 256;

/// Which texts of which kinds are in an index.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Plan {
    /// Whether it is to be made anew with each schema that comes.
    pub(super) is_everything: bool,
    /// The names of the fields.
    pub(super) names: Vec<String>,
    pub(super) kinds: BTreeMap<String, Searched>,
}

/// The texts of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Searched {
    /// How the attributes are read: of a schema what says that, and nothing else.
    schema: Schema,
    sources: Vec<Source>,
}

/// Where a text is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Source {
    /// The place of its field's name.
    field: usize,
    attribute: String,
    steps: Vec<Step>,
}

/// A text of an object, with the place of its field's name.
pub(super) type Text = (usize, String);

/// What somebody wants to be searched.
pub(super) struct Wanted {
    pub(super) schema: Schema,
    pub(super) paths: Vec<Path>,
}

impl Plan {
    /// The plan for these.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) for too many fields, for the key and the like, and for what takes code of a program.
    pub(super) fn of(wanted: impl IntoIterator<Item = Wanted>) -> Result<Plan> {
        let mut plan = Plan::default();
        for Wanted { schema, paths } in wanted {
            let known = plan.kinds.entry(schema.kind.clone());
            let searched =
                known.or_insert_with(|| Searched { schema: reading(&schema), sources: Vec::new() });
            for path in paths {
                let (attribute, name) = (attribute_of(&path)?, name_of(&path));
                check_strategy(&schema, &attribute)?;
                let field = plan.names.iter().position(|known| *known == name).unwrap_or_else(|| {
                    plan.names.push(name);
                    plan.names.len() - 1
                });
                let source = Source { field, attribute, steps: path.steps };
                if !searched.sources.contains(&source) {
                    searched.sources.push(source);
                }
            }
            let sources = &searched.sources;
            searched
                .schema
                .attributes
                .retain(|known| sources.iter().any(|source| source.attribute == known.name));
        }
        if plan.names.len() > MOST_FIELDS {
            let message =
                format!("{} fields are to be searched, at most {MOST_FIELDS} can", plan.names.len());
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        Ok(plan)
    }

    /// The plan for whatever looks like text in the kinds that a repo has, as many fields as there may be.
    pub(super) fn of_everything(view: &View) -> Result<Plan> {
        let mut wanted = Vec::new();
        let mut names = Vec::new();
        for kind in view.kinds()?.into_iter().filter(|kind| kind != decisions_kind()) {
            let Some(schema) = view.schema_of(&kind)? else { continue };
            let texts =
                schema.attributes.iter().filter(|known| holds_text(known)).map(|known| known.name.clone());
            let mut paths = Vec::new();
            for name in texts {
                if !names.contains(&name) {
                    if names.len() >= MOST_FIELDS {
                        continue;
                    }
                    names.push(name.clone());
                }
                paths.push(Path::attribute(name));
            }
            wanted.push(Wanted { schema, paths });
        }
        Ok(Plan { is_everything: true, ..Plan::of(wanted)? })
    }

    /// Whether what is decided about a conflict may change what a text reads as.
    pub(super) fn follows_decisions(&self) -> bool {
        let mut schemas = self.kinds.values().map(|searched| &searched.schema);
        let asks = |attribute: &SchemaAttribute| attribute.strategy.contains("conflict");
        schemas.any(|schema| schema.attributes.iter().chain(schema.nested.values().flatten()).any(asks))
    }

    /// The place of a field's name.
    pub(super) fn field(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }
}

impl Searched {
    /// How its objects are read.
    pub(super) fn reader(&self) -> Reader<'_> {
        let mut columns: Vec<Column> = Vec::new();
        for source in &self.sources {
            if !columns.iter().any(|known| known.name() == source.attribute) {
                columns.push(self.schema.column(&source.attribute));
            }
        }
        Reader { searched: self, columns }
    }
}

/// Reads the texts of a kind's objects.
pub(super) struct Reader<'p> {
    searched: &'p Searched,
    columns: Vec<Column>,
}

impl Reader<'_> {
    /// The texts of an object; those that cannot be read are not there.
    pub(super) fn texts(&self, view: &View, version: &Version) -> Result<Vec<Text>> {
        let mut values: Vec<(&str, Option<Value>)> = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let value = match view.column(version, &self.searched.schema, column) {
                Err(error) if error.kind() == ErrorKind::Store => return Err(error),
                // What no longer decodes is kept by the repo, and found by whoever can read it.
                other => other.ok().flatten(),
            };
            values.push((column.name(), value));
        }
        let seen = Seen { version, values: &values };
        let mut texts = Vec::new();
        for source in &self.searched.sources {
            let part = Path { root: Root::Attribute(source.attribute.clone()), steps: source.steps.clone() };
            each_text(&*part.read(&seen)?, &mut |text| texts.push((source.field, text.to_owned())));
        }
        Ok(texts)
    }
}

/// An object, as far as it was read.
struct Seen<'s> {
    version: &'s Version,
    values: &'s [(&'s str, Option<Value>)],
}

impl Row for Seen<'_> {
    fn key(&self) -> &Key {
        self.version.key()
    }

    fn kind(&self) -> &str {
        self.version.kind()
    }

    fn created(&self) -> Nanotime {
        self.version.created()
    }

    fn committed(&self) -> Nanotime {
        self.version.committed()
    }

    fn attribute(&self, name: &str) -> Result<Option<Cow<'_, Value>>> {
        let found = self.values.iter().find(|(known, _)| *known == name);
        Ok(found.and_then(|(_, value)| value.as_ref()).map(Cow::Borrowed))
    }
}

/// The texts in a value; of a map those of its values.
fn each_text(value: &Value, found: &mut dyn FnMut(&str)) {
    match value {
        Value::Text(text) => found(text),
        Value::Some(inner) => each_text(inner, found),
        Value::List(items) => items.iter().for_each(|item| each_text(item, found)),
        Value::Map(entries) => entries.values().for_each(|value| each_text(value, found)),
        _ => {}
    }
}

/// What a model asks for, as a path.
pub(super) fn path_of(asked: AskedPart) -> Path {
    IndexPart::from(asked).path()
}

fn attribute_of(path: &Path) -> Result<String> {
    match &path.root {
        Root::Attribute(name) => Ok(name.clone()),
        _ => Err(Error::new(
            ErrorKind::Unsupported,
            format!("`{path}` is no text of an object: name an attribute"),
        )),
    }
}

/// `title`, `home.city`: the path without defaults.
fn name_of(path: &Path) -> String {
    let mut name = match &path.root {
        Root::Attribute(name) => name.clone(),
        _ => String::new(),
    };
    for step in &path.steps {
        if let Step::At(key) = step {
            name.push('.');
            match key {
                Value::Text(text) => name.push_str(text),
                other => name.push_str(&other.to_string()),
            }
        }
    }
    name
}

fn check_strategy(schema: &Schema, name: &str) -> Result<()> {
    let known = schema.attributes.iter().find(|known| known.name == name);
    if known.is_some_and(|known| known.strategy.starts_with("with")) {
        let message =
            format!("`{name}` of `{}` is merged by code of a program: it cannot be searched", schema.kind);
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    Ok(())
}

/// What a schema says about how its attributes are read.
fn reading(schema: &Schema) -> Schema {
    let mut schema = schema.clone();
    for attribute in schema.attributes.iter_mut().chain(schema.nested.values_mut().flatten()) {
        attribute.type_text = String::new();
        attribute.required = false;
        attribute.link = None;
        attribute.default = None;
        attribute.convert = None;
    }
    schema
}

/// Whether there may be text in an attribute, as far as its type tells; keys of other objects are none.
fn holds_text(attribute: &SchemaAttribute) -> bool {
    const NONE: [&str; 18] = [
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64",
        "bool", "Nanotime", "Key", "char",
    ];
    let inner = attribute.type_text.replace(' ', "");
    let inner =
        inner.trim_start_matches("Option<").trim_start_matches("Vec<").trim_start_matches("BTreeSet<");
    let is_plain = NONE.contains(&inner.trim_end_matches('>'));
    attribute.link.is_none() && !is_plain && !attribute.strategy.starts_with("with")
}
