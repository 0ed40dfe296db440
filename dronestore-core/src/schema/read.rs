//! Reading versions by a schema: what their forms leave open, the schema says.

use super::{Schema, SchemaAttribute, Values};
use crate::causal::Form;
use crate::error::Result;
use crate::strategy::{Declared, Guide, Reading, Rulings};
use crate::value::Value;
use crate::version::{AttributeView, Contest, Explanation, Version};
use std::borrow::Cow;

/// What `nested` on an `Option` is stored as.
const OPTION: &str = "option(nested)";

impl SchemaAttribute {
    fn is_of(&self, name: &str, form: Form<'_>) -> bool {
        self.name == name && form.is_written(&self.strategy)
    }

    /// The strategy as the source has it, with its parameters.
    pub fn merge(&self) -> Cow<'_, str> {
        match &self.declared {
            None if self.strategy.contains(OPTION) => Cow::Owned(self.strategy.replace(OPTION, "nested")),
            None => Cow::Borrowed(&self.strategy),
            // The declared strategy is that of the values, behind as many `map(` as there are.
            Some(declared) => {
                let maps = self.strategy.matches("map(").count();
                Cow::Owned(format!("{}{declared}{}", "map(".repeat(maps), ")".repeat(maps)))
            }
        }
    }
}

impl Schema {
    /// The attributes of a version as this schema reads them; as [`Version::attributes`] where it says nothing.
    ///
    /// # Errors
    /// As [`Version::attributes`].
    pub fn attributes_of(&self, version: &Version) -> Result<Vec<AttributeView>> {
        version.attributes_by(self.reader(), None)
    }

    /// The values of the attributes that can be read, by their stored names, and with conflicts read as these rulings
    /// of the version say. What [`Schema::commit`] takes, but for attributes that were never written.
    ///
    /// An attribute whose strategy is code that is not here is left out, and so is one that is stored under another
    /// strategy than this schema's.
    ///
    /// # Errors
    /// As [`Version::attributes`].
    pub fn values(&self, version: &Version, rulings: Option<&Rulings>) -> Result<Values> {
        let mut values = Values::new();
        for view in version.attributes_by(self.reader(), rulings)? {
            let known = self.attributes.iter().find(|attribute| attribute.name == view.name);
            if let Reading::Value(value) = view.reading
                && known.is_none_or(|attribute| attribute.strategy == view.strategy)
            {
                values.insert(view.name, value);
            }
        }
        Ok(values)
    }

    /// As [`Version::explain`], with declared strategies explained by what this schema says of them.
    ///
    /// # Errors
    /// As [`Version::explain`].
    pub fn explain(
        &self,
        version: &Version,
        attribute: &str,
        decided: impl FnMut(&Contest) -> Result<Option<(Value, String)>>,
    ) -> Result<Explanation> {
        version.explain_by(self.reader(), attribute, decided)
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader { schema: self, attribute: None, attributes: &self.attributes }
    }

    fn reader_of<'s>(&'s self, attribute: Option<&'s SchemaAttribute>) -> Reader<'s> {
        let nested = attribute.and_then(|attribute| self.nested.get(attribute.nested.as_ref()?));
        Reader { schema: self, attribute, attributes: nested.map_or(&[], Vec::as_slice) }
    }

    /// Which of its attributes says how one of this name and form is read.
    pub(super) fn says_of(&self, name: &str, form: Form<'_>) -> Option<usize> {
        self.attributes.iter().position(|attribute| attribute.is_of(name, form))
    }

    /// How an attribute is read of which the one at this place says it.
    pub(super) fn said(&self, place: Option<usize>) -> Reader<'_> {
        self.reader_of(place.and_then(|place| self.attributes.get(place)))
    }

    /// What the whole object reads as by this schema: a map of name → value.
    ///
    /// # Errors
    /// As [`Version::value`].
    pub fn value_of(&self, version: &Version) -> Result<Value> {
        AttributeView::gather(self.attributes_of(version)?)
    }

    /// What an attribute of this name reads as by this schema; `None` where nothing is written.
    ///
    /// # Errors
    /// As [`Version::read`].
    pub fn read(&self, version: &Version, name: &str) -> Result<Option<Value>> {
        let found = self.attributes_of(version)?.into_iter().find(|view| view.name == name);
        found.map_or(Ok(None), |view| view.reading.into_value())
    }
}

/// What a schema knows of one attribute, and of those nested in it.
#[derive(Clone, Copy)]
pub(super) struct Reader<'s> {
    schema: &'s Schema,
    attribute: Option<&'s SchemaAttribute>,
    /// The attributes among which the next one below is looked for.
    attributes: &'s [SchemaAttribute],
}

impl Guide for Reader<'_> {
    fn declared(&self) -> Option<&Declared> {
        self.attribute?.declared.as_ref()
    }

    fn id(&self) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.id).map(|attribute| attribute.name.as_str())
    }

    fn below(self, name: &str, form: Form<'_>) -> Self {
        let attribute = self.attributes.iter().find(|attribute| attribute.is_of(name, form));
        self.schema.reader_of(attribute)
    }
}
