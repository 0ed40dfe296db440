//! Column: one attribute, to be read of many versions without reading the rest of them.

use super::Schema;
use super::read::Reader;
use crate::causal::Form;
use crate::causal::form::code;
use crate::causal::place::Field;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::strategy::{Guide, ReadPlace, Reading, Rulings, Table, read_guided};
use crate::value::{Plain, Value};
use crate::version::Version;

/// One attribute, to be read of many versions: what is not wanted is passed over.
#[derive(Debug, Clone)]
pub struct Column {
    name: String,
    stored: Stored,
}

/// Under which form the attribute is stored.
#[derive(Debug, Clone)]
enum Stored {
    /// Under this one.
    Form(Vec<u8>),
    /// Under the one that is written so.
    Strategy(String),
    /// As a member of the one object.
    Member,
    /// Nothing is known: the first one of that name, else the member.
    Any,
}

impl Column {
    /// The attribute of a model with this stored name; one that the model does not have is looked for by its name alone.
    pub fn of<T: Model>(name: &str) -> Column {
        let own = T::ATTRIBUTES.iter().find(|attribute| attribute.name == name);
        let is_member =
            || T::ATTRIBUTES.iter().flat_map(|attribute| attribute.members).any(|member| member.name == name);
        let stored = match own {
            Some(attribute) => Stored::Form(attribute.field.form().to_vec()),
            None if is_member() => Stored::Member,
            None => Stored::Any,
        };
        Column { name: name.to_owned(), stored }
    }

    /// The stored name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it stands here; the member of an object is looked for in it.
    pub(super) fn is_at(&self, name: &str, form: Form<'_>) -> bool {
        match &self.stored {
            Stored::Form(stored) => name == self.name && form.as_bytes() == stored,
            Stored::Strategy(strategy) => name == self.name && form.is_written(strategy),
            Stored::Member => is_object(form),
            Stored::Any => is_object(form) || name == self.name,
        }
    }
}

impl Schema {
    /// The attribute of this stored name, as this schema has it; one that it does not have is looked for by its name alone.
    pub fn column(&self, name: &str) -> Column {
        let found = self.attributes.iter().find(|attribute| attribute.name == name);
        let stored = match found.map(|attribute| attribute.strategy.as_str()) {
            Some("latest_object") => Stored::Member,
            Some(strategy) => Stored::Strategy(strategy.to_owned()),
            None => Stored::Any,
        };
        Column { name: name.to_owned(), stored }
    }

    /// What an attribute of a version reads as, `None` where nothing is written; and whether a `conflict` of several
    /// entries was met, so that it is worth while to look for rulings.
    ///
    /// # Errors
    /// As [`Version::attributes`]; [`Unsupported`](crate::ErrorKind::Unsupported) where a strategy's code is not here.
    ///
    /// Cost: what stands before the attribute is passed over, a few nanoseconds an attribute; then one decode.
    pub fn read_column(
        &self,
        version: &Version,
        column: &Column,
        rulings: Option<&Rulings>,
    ) -> Result<(Option<Value>, bool)> {
        let read = || {
            let (table, bytes) = Table::of_state(version.state_bytes())?;
            let table = table.ruled_by(rulings);
            let mut fields = version.shape().fields(bytes);
            while let Some(field) = fields.next()? {
                if !column.is_at(field.name, field.form) {
                    continue;
                }
                let reader = self.reader().below(field.name, field.form);
                if let Some(value) = value(column, &field, &table, reader)? {
                    return Ok((Some(value), table.has_met_conflict()));
                }
            }
            Ok((None, table.has_met_conflict()))
        };
        read().map_err(|error: Error| error.at(&column.name).at(version.key()))
    }
}

/// What stands here, as the schema's attribute at `reader` says.
pub(super) fn value(
    column: &Column,
    field: &Field<'_>,
    table: &Table<'_>,
    reader: Reader<'_>,
) -> Result<Option<Value>> {
    if let Some(plain) = is_plain(field.form, reader).then(|| plain(field.body)).flatten() {
        return Ok(Some(plain.into()));
    }
    let place = ReadPlace { body: field.body, table };
    let reading = read_guided(field.form, place, reader)?;
    match reading {
        Reading::Value(Value::Map(mut members)) if is_object(field.form) => {
            Ok(members.remove(&Value::from(column.name.as_str())))
        }
        reading => reading.into_value(),
    }
}

/// Whether an attribute is a register that reads as what stands there, as most are.
#[inline]
pub(super) fn is_plain(form: Form<'_>, reader: Reader<'_>) -> bool {
    matches!(form.code(), code::LATEST | code::MAX | code::MIN | code::FIRST) && reader.declared().is_none()
}

/// One short text or natural number in such a one.
#[inline]
pub(super) fn plain(body: &[u8]) -> Option<Plain<'_>> {
    match body {
        // Where the one item behind a row is this one, nothing else can follow it.
        [0..0x80, value @ ..] => Plain::of(value),
        _ => None,
    }
}

fn is_object(form: Form<'_>) -> bool {
    form.code() == code::LATEST_OBJECT
}
