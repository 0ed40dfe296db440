//! Lines of JSON out.

use super::progress::Progress;
use super::{Export, ExportReport};
use crate::drone::Drone;
use crate::repo::Repo;
use dronestore_core::schema::Schema;
use dronestore_core::version::to_json;
use dronestore_core::{Error, ErrorKind, Result, Value};
use serde_json::{Map, Value as Json, json};
use std::io::{BufWriter, Write};

/// A writer that knows how much went through it.
pub(super) struct Counted<W: Write> {
    out: BufWriter<W>,
    pub(super) bytes: u64,
}

impl<W: Write> Counted<W> {
    pub(super) fn new(out: W) -> Self {
        Counted { out: BufWriter::new(out), bytes: 0 }
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

pub(super) fn unwritten(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Store, "the output cannot be written").with_source(error)
}

/// What of a schema only its program can read.
pub(super) fn left_out(schema: &Schema) -> impl Iterator<Item = String> {
    let unread = schema.attributes.iter().filter(|attribute| attribute.strategy.contains("with = "));
    unread.map(|attribute| format!("{}.{}", schema.kind, attribute.name))
}

impl Export<'_> {
    /// Writes lines of JSON: the schemas first, then an object a line, kind by kind in the order of their keys or as
    /// the query has them.
    ///
    /// ```text
    /// {"schema":{…}}
    /// {"key":"/Note:a","kind":"Note","values":{"text":"milk"}}
    /// ```
    ///
    /// Attributes that were never written are not there: they read as their defaults, here and where they are imported.
    /// Votes about conflicts are no objects of the program and are left out; the values are as they decided. [`Value::to_json`] says
    /// how values are written.
    ///
    /// # Errors
    /// As [`View::values`](crate::View::values) and [`Repo::query_kind`]; [`NotFound`](ErrorKind::NotFound) for a kind of which there is
    /// neither an object nor a schema; [`Store`](ErrorKind::Store) where the writer fails.
    ///
    /// Cost: one pass; memory is that of one object, however many there are, but as
    /// [`Find::run`](crate::Find::run) says where a query puts them in order.
    pub fn json(mut self, writer: impl Write) -> Result<ExportReport> {
        let (mut out, mut report) = (Counted::new(writer), ExportReport::default());
        let has_versions = self.has_versions;
        let put = |out: &mut Counted<_>, line: &Json| {
            serde_json::to_writer(&mut *out, line).map_err(unwritten)?;
            out.write_all(b"\n").map_err(unwritten)
        };
        if has_versions {
            put(&mut out, &json!({ "dronestore": 1, "database": self.repo.database().to_string() }))?;
        }
        if self.has_schemas {
            for schema in self.schemas_to_write()? {
                put(&mut out, &json!({ "schema": schema }))?;
                report.schemas += 1;
            }
        }
        let total = self.one_kind().is_none().then(|| self.repo.len());
        let mut listener = std::mem::take(&mut self.listener);
        let mut last = String::new();
        self.each(|view, schema, version| {
            let line = if has_versions {
                json!({ "version": to_json(&version)? })
            } else {
                if last != schema.kind {
                    last.clone_from(&schema.kind);
                    report.left_out.extend(left_out(schema));
                }
                let values = view.values_by(schema, &version)?;
                let values =
                    values.iter().map(|(name, value): (&String, &Value)| (name.clone(), value.to_json()));
                let values: Map<String, Json> = values.collect();
                json!({ "key": version.key().to_string(), "kind": version.kind(), "values": values })
            };
            put(&mut out, &line)?;
            report.objects += 1;
            listener.step(&Progress { objects: report.objects, total, bytes: out.bytes });
            Ok(())
        })?;
        out.flush().map_err(unwritten)?;
        report.bytes = out.bytes;
        listener.tell(&Progress { objects: report.objects, total, bytes: out.bytes });
        Ok(report)
    }
}

impl Repo {
    /// Writes all objects as lines of JSON, with the schemas to read them by; [`Export`] has the options and says what is
    /// not kept.
    ///
    /// # Errors
    /// As [`Export::json`]. Cost: the same.
    pub fn export_json(&self, writer: impl Write) -> Result<ExportReport> {
        Export::new(self).json(writer)
    }

    /// Writes all objects of a model as lines of JSON; see [`Export`].
    ///
    /// # Errors
    /// As [`Export::json`]. Cost: the same.
    pub fn export<T: Drone>(&self, writer: impl Write) -> Result<ExportReport> {
        Export::new(self).model::<T>().json(writer)
    }
}
