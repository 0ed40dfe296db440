//! Lines of JSON in: values by the stored schema, schemas, versions.

use super::fit::fitted;
use super::lines::Lines;
use super::table::{Kinds, Row};
use super::{Import, ImportReport};
use crate::repo::{Arrival, DatabaseId, Repo, other_database};
use dronestore_core::schema::{Schema, Values};
use dronestore_core::version::from_json;
use dronestore_core::{Error, ErrorKind, Key, Result, Value, Version};
use serde_json::Value as Json;
use std::io::Read;

/// What waits to be written; never rows and versions at once.
#[derive(Default)]
struct Inbox {
    kinds: Kinds,
    rows: Vec<Row>,
    versions: Vec<Arrival>,
    /// Lines of the versions.
    lines: (u64, u64),
    /// Bytes of the lines that wait.
    bytes: usize,
    database: Option<DatabaseId>,
}

/// What a line holds.
enum Line {
    Nothing,
    Begin(Json),
    Schema(Schema),
    Version(Version),
    Row(Row),
}

impl Import<'_> {
    /// Imports lines of JSON, as [`Export::json`](super::Export::json) writes them:
    ///
    /// | line | what happens |
    /// |---|---|
    /// | `{"key":"/Note:a","kind":"Note","values":{…}}` | the values are written, as by [`Repo::update_values`]; attributes that are not named stay. Without `kind` it is the key's last field |
    /// | `{"schema":{…}}` | the schema is stored, so that lines of its kind can be read |
    /// | `{"version":{…}}` | the version is merged |
    /// | `{"dronestore":1,"database":"…"}` | versions that follow are of this database |
    ///
    /// Empty lines are passed over, and a byte order mark before the first. Values are read by the stored schema of their kind, or by that of a
    /// [`model`](Import::model): a whole number where the attribute has fractions, a set in any order, a time as RFC 3339
    /// are taken as what they mean.
    ///
    /// # Errors
    /// With the number of the line: [`InvalidValue`](ErrorKind::InvalidValue) for what is not JSON or not of the attribute's
    /// type, [`NotFound`](ErrorKind::NotFound) for an attribute or a kind that no schema here knows,
    /// [`Unsupported`](ErrorKind::Unsupported) for a line that is too long, a schema with a strategy of a later version, or an
    /// attribute that only its program can write (one with a conversion takes its [`model`](Import::model)); as [`Schema::commit`] and [`Repo::merge`].
    ///
    /// Lines that were cut between two of them are whole lines, and no error: compare [`ImportReport::objects`] with what
    /// [`ExportReport::objects`](super::ExportReport::objects) said. A [bundle](crate::guide::bundles) notices.
    ///
    /// Cost: reads, decodes and writes each line once; memory for one batch.
    pub fn json(&mut self, reader: impl Read) -> Result<ImportReport> {
        let mut inbox = Inbox::default();
        let mut lines = Lines::new(reader, self.limits.line);
        let before = self.read.unwrap_or(0);
        loop {
            let read =
                lines.next().and_then(|line| line.map(|line| self.parse(&mut inbox.kinds, line)).transpose());
            let (number, bytes) = (lines.number, lines.bytes);
            let length = usize::try_from(before + bytes - self.read.unwrap_or(before)).unwrap_or(usize::MAX);
            self.read = Some(before + bytes);
            let line = match read {
                Ok(Some(line)) => line,
                other => {
                    self.flush(&mut inbox)?;
                    other.map_err(|error| self.ended(&format!("line {number}"), error))?;
                    return Ok(self.report.clone());
                }
            };
            self.take(&mut inbox, line, number)?;
            inbox.bytes = inbox.bytes.saturating_add(length);
            let objects = inbox.rows.len().max(inbox.versions.len());
            if inbox.bytes >= self.limits.bytes || objects >= self.limits.objects {
                self.flush(&mut inbox)?;
            }
        }
    }

    /// Reads one line; nothing is written yet.
    fn parse(&self, kinds: &mut Kinds, line: &[u8]) -> Result<Line> {
        if line.trim_ascii().is_empty() {
            return Ok(Line::Nothing);
        }
        let not_json = |error| Error::new(ErrorKind::InvalidValue, "is not JSON").with_source(error);
        let mut json: Json = serde_json::from_slice(line).map_err(not_json)?;
        if let Some(version) = json.get("version") {
            return Ok(Line::Version(from_json(version)?));
        }
        if json.get("dronestore").is_some() {
            return Ok(Line::Begin(json));
        }
        if let Some(schema) = json.get_mut("schema") {
            let schema = serde_json::from_value(schema.take());
            let schema = schema.map_err(|error| Error::corrupt("is no schema").with_source(error))?;
            return Ok(Line::Schema(schema));
        }
        if let Some(values) = json.get("values").and_then(Json::as_object) {
            return self.row(kinds, &json, values).map(Line::Row);
        }
        Err(Error::new(ErrorKind::InvalidValue, "has neither a version nor a schema nor values"))
    }

    /// Takes in what a line holds: it waits, or what waits is written first.
    fn take(&mut self, inbox: &mut Inbox, line: Line, number: u64) -> Result<()> {
        match line {
            Line::Nothing => return Ok(()),
            Line::Row(mut row) => {
                self.write_versions(inbox)?;
                row.line = number;
                inbox.rows.push(row);
                return Ok(());
            }
            Line::Version(version) => {
                if inbox.versions.is_empty() {
                    self.flush(inbox)?;
                    inbox.lines.0 = number;
                }
                inbox.versions.push(Arrival { version, asks: false, came_of: None });
                inbox.lines.1 = number;
                return Ok(());
            }
            _ => self.flush(inbox)?,
        }
        let taken = match line {
            Line::Begin(json) => self.begin(&json).map(|database| inbox.database = database),
            Line::Schema(schema) => {
                inbox.kinds.forget(&schema.kind);
                self.repo.add_schema(&schema).map(|is_new| self.report.schemas += u64::from(is_new))
            }
            _ => Ok(()),
        };
        taken.map_err(|error| self.ended(&format!("line {number}"), error))
    }

    /// The line that says which format it is, and of which database.
    fn begin(&self, line: &Json) -> Result<Option<DatabaseId>> {
        let format = &line["dronestore"];
        if format.as_u64() != Some(1) {
            return Err(Error::new(ErrorKind::Unsupported, format!("format {format} is of a later version")));
        }
        let database = line.get("database").and_then(Json::as_str);
        let database = database.ok_or_else(|| Error::corrupt("names no database"))?.parse()?;
        if !self.foreign && !self.repo.is_empty() && self.repo.database() != database {
            return Err(other_database(self.repo.database(), database));
        }
        Ok(Some(database).filter(|_| !self.foreign))
    }

    fn row(&self, kinds: &mut Kinds, line: &Json, given: &serde_json::Map<String, Json>) -> Result<Row> {
        let key = line.get("key").and_then(Json::as_str);
        let key = key.ok_or_else(|| Error::new(ErrorKind::InvalidValue, "has values and no `key`"))?;
        let key: Key = if key.starts_with('/') { key.parse()? } else { format!("/{key}").parse()? };
        let kind = match line.get("kind") {
            Some(Json::String(kind)) => Some(kind.clone()),
            None | Some(Json::Null) => key.field().map(|kind| kind.into_owned()),
            Some(_) => return Err(Error::new(ErrorKind::InvalidValue, "has a `kind` that is no text")),
        };
        let kind = kind.ok_or_else(|| Error::new(ErrorKind::InvalidValue, "has values and no `kind`"))?;
        let known = kinds.get(&kind, self)?;
        let mut values = Values::new();
        for (name, json) in given {
            let value =
                Value::from_json(json).map_err(|error| error.at(format_args!("attribute `{name}`")))?;
            let value = match known.attribute(name) {
                Some((_, ty)) => fitted(value, ty),
                None => value,
            };
            values.insert(name.clone(), value);
        }
        Ok(Row { known, key, values, empty: Values::new(), line: 0 })
    }

    /// Makes durable what waits.
    fn flush(&mut self, inbox: &mut Inbox) -> Result<()> {
        self.write_versions(inbox)?;
        inbox.bytes = 0;
        self.write_rows(&mut inbox.rows)
    }

    fn write_versions(&mut self, inbox: &mut Inbox) -> Result<()> {
        if inbox.versions.is_empty() {
            return Ok(());
        }
        let versions = std::mem::take(&mut inbox.versions);
        inbox.bytes = 0;
        let merged = self.repo.take_in(&versions, &[], inbox.database);
        let (first, last) = inbox.lines;
        let (merged, _) = merged.map_err(|error| self.ended(&format!("lines {first} to {last}"), error))?;
        self.report.objects += versions.len() as u64;
        self.report.batches += u64::from(merged.has_news());
        self.report.merged.add(merged);
        self.tell();
        Ok(())
    }
}

impl Repo {
    /// Imports lines of JSON by the schemas that the repo has, or that come with them; see [`Import::json`].
    ///
    /// # Errors
    /// As [`Import::json`]. Cost: the same.
    ///
    /// ```
    /// use dronestore::{Drone, Repo};
    ///
    /// #[derive(Drone)]
    /// struct Note {
    ///     #[merge(latest)]
    ///     text: String,
    /// }
    ///
    /// let (from, to) = (Repo::memory()?, Repo::memory()?);
    /// from.put("a", Note { text: "milk".into() })?;
    /// let mut lines = Vec::new();
    /// from.export_json(&mut lines)?;
    ///
    /// assert_eq!(to.import_json(&lines[..])?.written, 1);
    /// assert_eq!(to.get::<Note>("a")?.expect("just imported").text, "milk");
    /// // Again: everything is as it was.
    /// assert_eq!(to.import_json(&lines[..])?.written, 0);
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    pub fn import_json(&self, reader: impl Read) -> Result<ImportReport> {
        Import::new(self).json(reader)
    }
}
