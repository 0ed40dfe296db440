//! Schema: a model as data, named by the hash of its content.

mod column;
mod finding;
mod fits;
mod forms;
mod issues;
mod lock;
mod locked;
mod pass;
mod place;
mod read;
mod source;
mod types;
mod write;

pub use column::Column;
pub use finding::Finding;
pub use issues::{SchemaChange, SchemaIssue};
pub use lock::Lock;
pub use locked::Locked;
pub use pass::{Cells, Pass};
pub use place::Place;
pub(crate) use place::no_attribute;
pub use types::Type;
pub use write::{Values, Written};

use crate::causal::Form;
use crate::error::Result;
use crate::hash::Hash;
use crate::model::{Attribute, Model, Source};
use crate::strategy::Declared;
use crate::value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What a model says about its attributes, as data: stored beside the versions, it tells a program without
/// the Rust types what they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// The stored name of the model.
    pub kind: String,
    /// Its attributes in the order of their names; the members of a `latest_object` each by its own name.
    pub attributes: Vec<SchemaAttribute>,
    /// The attributes of the drones that are nested in it, by their kinds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub nested: BTreeMap<String, Vec<SchemaAttribute>>,
}

/// One attribute of a [`Schema`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaAttribute {
    /// The stored name.
    pub name: String,
    /// The strategy as in `#[merge(…)]`.
    pub strategy: String,
    /// The type as the program's source writes it.
    #[serde(rename = "type")]
    pub type_text: String,
    /// The version of a user's own strategy.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub version: u32,
    /// Whether a commit refuses an empty value.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Whether it names an item in a list.
    #[serde(default, skip_serializing_if = "is_false")]
    pub id: bool,
    /// The kind of the nested drone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nested: Option<String>,
    /// A declared strategy, or bounds: how the attribute is read, its values where it is a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
    /// The kind of the objects whose keys it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The expression of `default = …` as the program's source writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The path of `convert = "…"`: what is stored is of the type that this converts from and to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convert: Option<String>,
}

impl Schema {
    /// The schema of a model.
    pub fn of<T: Model>() -> Schema {
        let mut nested = BTreeMap::new();
        let attributes = attributes(T::ATTRIBUTES, &mut nested);
        Schema { kind: T::KIND.to_owned(), attributes, nested }
    }

    /// The schema's canonical bytes.
    ///
    /// # Errors
    /// None in practice: texts and numbers always encode.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        value::encode(self)
    }

    /// The schema that these bytes hold.
    ///
    /// # Errors
    /// [`InvalidValue`](crate::ErrorKind::InvalidValue) or [`Corrupt`](crate::ErrorKind::Corrupt).
    pub fn from_bytes(bytes: &[u8]) -> Result<Schema> {
        value::check(bytes)?;
        value::decode(bytes)
    }

    /// The hash of the canonical bytes: equal schemas, equal hashes.
    ///
    /// # Errors
    /// As [`Schema::to_bytes`].
    pub fn hash(&self) -> Result<Hash> {
        self.to_bytes().map(|bytes| Hash::of(&bytes))
    }
}

fn attributes(
    all: &'static [Attribute],
    nested: &mut BTreeMap<String, Vec<SchemaAttribute>>,
) -> Vec<SchemaAttribute> {
    let mut listed = Vec::with_capacity(all.len());
    for attribute in all {
        let strategy = Form::parse(attribute.field.form()).map(|form| form.to_string()).unwrap_or_default();
        let model = attribute.field.model();
        if let Some((kind, inner)) = model
            && !nested.contains_key(kind)
        {
            // Listed before it is walked: a drone may hold maps of itself.
            nested.insert(kind.to_owned(), Vec::new());
            let inner = attributes(inner, nested);
            nested.insert(kind.to_owned(), inner);
        }
        let one = |name: &str, type_text: &str, link: Option<&str>, source: &Source| SchemaAttribute {
            name: name.to_owned(),
            strategy: strategy.clone(),
            type_text: type_text.to_owned(),
            version: attribute.field.version(),
            required: attribute.required,
            id: attribute.id,
            nested: model.map(|(kind, _)| kind.to_owned()),
            declared: attribute.field.declaration().cloned(),
            link: link.map(str::to_owned),
            default: some(source.default_text),
            convert: some(source.convert),
        };
        if attribute.members.is_empty() {
            listed.push(one(attribute.name, attribute.type_text, attribute.link, &attribute.source));
        }
        let members = attribute.members.iter();
        listed.extend(members.map(|member| one(member.name, member.type_text, member.link, &member.source)));
    }
    listed.sort_by(|a, b| a.name.cmp(&b.name));
    listed
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn one() -> u32 {
    1
}

fn is_one(version: &u32) -> bool {
    *version == 1
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// The model as a user would have written it.
impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_struct(f, &self.kind, &self.attributes)?;
        self.nested.iter().try_for_each(|(kind, attributes)| {
            f.write_str("\n")?;
            write_struct(f, kind, attributes)
        })
    }
}

fn write_struct(f: &mut fmt::Formatter<'_>, kind: &str, attributes: &[SchemaAttribute]) -> fmt::Result {
    writeln!(f, "struct {kind} {{")?;
    for attribute in attributes {
        let (options, strategy) = (options(attribute), attribute.merge());
        writeln!(f, "    {options}#[merge({strategy})] {}: {},", attribute.name, attribute.type_text)?;
    }
    f.write_str("}")
}

/// What stands in `#[drone(…)]`, as far as a schema knows it.
fn options(attribute: &SchemaAttribute) -> String {
    let text =
        |option: &str, text: &Option<String>| text.as_ref().map(|text| format!("{option} = \"{text}\""));
    let options = [
        attribute.id.then(|| "id".to_owned()),
        attribute.required.then(|| "required".to_owned()),
        text("link", &attribute.link),
        text("convert", &attribute.convert),
        attribute.default.as_ref().map(|default| format!("default = {default}")),
    ];
    let options: Vec<String> = options.into_iter().flatten().collect();
    if options.is_empty() { String::new() } else { format!("#[drone({})] ", options.join(", ")) }
}
