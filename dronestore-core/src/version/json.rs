//! A version as JSON: a view for people and tools, with the state beside it so that nothing is lost.

use super::Version;
use crate::bytes::{Reader, put_slice};
use crate::causal::form::code;
use crate::error::{Error, Result};
use crate::strategy::{
    Guide, ReadPlace, Reading, Rulings, Table, has_concurrent_values, is_conflicted, read_guided,
};
use crate::value::Value;
use serde_json::{Map, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The view of a version: `key`, `type`, `hash`, `parents`, `created`, `committed`, `deleted`, and for each
/// attribute `strategy`, `value` and `updated`; then `state`, the version's own bytes in hexadecimal digits.
///
/// `parents` names the commits that a merged version joins; a version after one commit has none to name (its
/// parent is the hash in that commit). An attribute whose strategy is code that is not here has no `value`.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where the version's bytes are not a state.
pub fn to_json(version: &Version) -> Result<serde_json::Value> {
    let tips = version.tips();
    let parents: Vec<String> =
        if tips.len() > 1 { tips.iter().map(|tip| tip.dot.to_string()).collect() } else { Vec::new() };
    let mut attributes = Map::new();
    for attribute in version.attributes()? {
        let mut view = Map::new();
        view.insert("strategy".into(), attribute.strategy.clone().into());
        if let Reading::Value(value) = &attribute.reading {
            view.insert("value".into(), value.to_json());
        }
        if let Some(updated) = attribute.updated {
            view.insert("updated".into(), updated.to_string().into());
        }
        if attribute.conflicted {
            view.insert("conflicted".into(), true.into());
        }
        attributes.insert(attribute.label(), view.into());
    }
    let mut bytes = Vec::new();
    put_slice(&mut bytes, version.shape().as_bytes());
    bytes.extend_from_slice(version.state_bytes());
    let mut state = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(state, "{byte:02x}");
    }
    Ok(json!({
        "key": version.key().to_string(),
        "type": version.kind(),
        "hash": version.hash().to_string(),
        "parents": parents,
        "created": version.created().to_string(),
        "committed": version.committed().to_string(),
        "deleted": version.is_deleted(),
        "attributes": attributes,
        "state": state,
    }))
}

/// The version that a JSON view shows: same bytes, same hash.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where the view is not the one that [`to_json`] gives for its own `state`:
/// an edited view is refused rather than half believed.
pub fn from_json(view: &serde_json::Value) -> Result<Version> {
    let text = |name: &str| {
        let missing = || Error::corrupt(format!("the JSON of a version has no text `{name}`"));
        view.get(name).and_then(serde_json::Value::as_str).ok_or_else(missing)
    };
    let state = unhex(text("state")?).ok_or_else(|| Error::corrupt("`state` is not hexadecimal digits"))?;
    let mut reader = Reader::new(&state);
    let shape = super::Shape::parse(reader.slice()?)?;
    let version = Version {
        key: text("key")?.parse()?,
        shape,
        bytes: reader.rest().into(),
        start: 0,
        hash: text("hash")?.parse()?,
    };
    version.verify()?;
    if to_json(&version)? != *view {
        return Err(Error::corrupt(format!(
            "the JSON of {version} was edited: its view and its state differ"
        )));
    }
    Ok(version)
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    let pair = |pair: &[u8]| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8);
    if text.len() % 2 == 1 {
        return None;
    }
    text.as_bytes().chunks_exact(2).map(pair).collect()
}

/// One attribute of a version, read without Rust types.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeView {
    /// The stored name.
    pub name: String,
    /// The strategy, as in `#[merge(…)]`.
    pub strategy: String,
    /// What it reads as.
    pub reading: Reading,
    /// When the newest write that still stands here was made; sets and maps have one for each item.
    pub updated: Option<crate::time::Nanotime>,
    /// Whether it waits for a person's decision.
    pub conflicted: bool,
    /// Whether several concurrent writes stand at one place of it, whatever its strategy makes of them.
    pub concurrent: bool,
    shadowed: bool,
}

impl AttributeView {
    fn label(&self) -> String {
        if self.shadowed { format!("{} ({})", self.name, self.strategy) } else { self.name.clone() }
    }

    /// The values of all by their names.
    pub(crate) fn gather(views: Vec<AttributeView>) -> Result<Value> {
        let mut map = std::collections::BTreeMap::new();
        for view in views {
            let label = view.label();
            let value = view.reading.into_value().map_err(|error| error.at(&label))?;
            map.insert(Value::from(label), value.unwrap_or(Value::Null));
        }
        Ok(Value::Map(map))
    }
}

impl Version {
    /// The attributes, read without Rust types; the members of a `latest_object` one by one.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where the bytes are not a state.
    pub fn attributes(&self) -> Result<Vec<AttributeView>> {
        self.attributes_by((), None)
    }

    /// As [`Version::attributes`], with what else is known of them, and with conflicts read as rulings say.
    pub(crate) fn attributes_by(
        &self,
        guide: impl Guide,
        rulings: Option<&Rulings>,
    ) -> Result<Vec<AttributeView>> {
        self.attributes_where(guide, rulings, |_| true)
    }

    /// As [`Version::attributes_by`], of the attributes whose stored names are wanted; the `latest_object` group has none.
    pub(crate) fn attributes_where(
        &self,
        guide: impl Guide,
        rulings: Option<&Rulings>,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<AttributeView>> {
        let (table, bytes) = Table::of_state(self.state_bytes())?;
        let table = table.ruled_by(rulings);
        let mut fields = self.shape.fields(bytes);
        let mut views: Vec<AttributeView> = Vec::new();
        while let Some(field) = fields.next()? {
            if !is_wanted(field.name) {
                continue;
            }
            let place = ReadPlace { body: field.body, table: &table };
            let entries = match field.form.structure() {
                crate::causal::Structure::Values => place.entries()?,
                _ => Vec::new(),
            };
            let reading = read_guided(field.form, place, guide.below(field.name, field.form))?;
            let mut view = AttributeView {
                name: field.name.to_owned(),
                strategy: field.form.to_string(),
                reading: Reading::Default,
                updated: entries.iter().map(|entry| entry.time).max(),
                conflicted: is_conflicted(field.form, place)?,
                concurrent: has_concurrent_values(field.form, place)?,
                shadowed: false,
            };
            match reading {
                Reading::Value(Value::Map(members)) if field.form.code() == code::LATEST_OBJECT => {
                    views.extend(members.into_iter().map(|(name, value)| AttributeView {
                        name: name.as_text().unwrap_or_default().to_owned(),
                        reading: Reading::Value(value),
                        ..view.clone()
                    }));
                }
                reading => {
                    view.reading = reading;
                    views.push(view);
                }
            }
        }
        // The members of an object stand among the other attributes, with names that these may have too.
        let mut seen = BTreeSet::new();
        let shadowed: Vec<bool> = views.iter().map(|view| !seen.insert(view.name.as_str())).collect();
        views.iter_mut().zip(shadowed).for_each(|(view, shadowed)| view.shadowed = shadowed);
        Ok(views)
    }

    /// What the whole object reads as without its Rust type: a map of name → value.
    ///
    /// # Errors
    /// As [`Version::attributes`]; [`Unsupported`](crate::ErrorKind::Unsupported) where a strategy's code is not here.
    pub fn value(&self) -> Result<Value> {
        AttributeView::gather(self.attributes()?)
    }

    /// Whether any attribute waits for a person's decision.
    ///
    /// # Errors
    /// As [`Version::attributes`].
    pub fn is_conflicted(&self) -> Result<bool> {
        let (table, bytes) = Table::of_state(self.state_bytes())?;
        let mut fields = self.shape.fields(bytes);
        while let Some(field) = fields.next()? {
            if is_conflicted(field.form, ReadPlace { body: field.body, table: &table })? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether several concurrent writes stand at one place, whatever its strategy makes of them.
    ///
    /// # Errors
    /// As [`Version::attributes`].
    pub fn has_concurrent_values(&self) -> Result<bool> {
        let (table, bytes) = Table::of_state(self.state_bytes())?;
        let mut fields = self.shape.fields(bytes);
        while let Some(field) = fields.next()? {
            if has_concurrent_values(field.form, ReadPlace { body: field.body, table: &table })? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What an attribute of this name and form reads as; `None` where it is not there.
    ///
    /// # Errors
    /// As [`Version::attributes`].
    pub fn read(&self, name: &str) -> Result<Option<Value>> {
        let found = self.attributes()?.into_iter().find(|view| view.name == name);
        found.map_or(Ok(None), |view| view.reading.into_value())
    }
}
