//! CSV out: one kind, a column an attribute.

use super::progress::Progress;
use super::write_json::{Counted, left_out, unwritten};
use super::{Export, ExportReport, cell};
use crate::drone::Drone;
use crate::repo::Repo;
use dronestore_core::schema::{SchemaAttribute, Type};
use dronestore_core::{Error, ErrorKind, Result};
use std::io::Write;

/// The column of the object's key, and what it is called where an attribute has that name.
pub(super) const KEY: [&str; 2] = ["key", "@key"];

impl Export<'_> {
    /// Writes the objects of one kind as CSV: a head with the key and the stored names of the attributes, then a line an object.
    ///
    /// Texts, numbers, booleans, times and unit enums are plain cells; an option that is `None` is an empty one. Sets, maps, lists and
    /// nested drones are JSON in their cell: so no object is refused for one field, and everything comes back. What was never
    /// written stands there as its default, where the schema knows it.
    ///
    /// A cell is what the value is: one that begins with `=` is a formula to a spreadsheet. Open what strangers wrote with
    /// care.
    ///
    /// # Errors
    /// [`Unsupported`](ErrorKind::Unsupported) where no kind was named, or versions are asked for; as
    /// [`Export::json`].
    ///
    /// Cost: as [`Export::json`].
    pub fn csv(mut self, writer: impl Write) -> Result<ExportReport> {
        let Some(kind) = self.one_kind().map(str::to_owned).filter(|_| !self.has_versions) else {
            let message = "CSV holds the values of one kind: name it, or write lines of JSON";
            return Err(Error::new(ErrorKind::Unsupported, message));
        };
        let schema = self.schema_of(&self.repo.view()?, &kind)?;
        let mut report = ExportReport { left_out: left_out(&schema).collect(), ..ExportReport::default() };
        let is_read = |attribute: &&SchemaAttribute| !attribute.strategy.contains("with = ");
        let columns: Vec<(&SchemaAttribute, Type)> =
            schema.attributes.iter().filter(is_read).map(|attribute| (attribute, attribute.ty())).collect();
        let mut out = csv::Writer::from_writer(Counted::new(writer));
        let is_taken = schema.attributes.iter().any(|attribute| attribute.name == KEY[0]);
        let head = columns.iter().map(|(attribute, _)| attribute.name.as_str());
        out.write_record([KEY[usize::from(is_taken)]].into_iter().chain(head)).map_err(unwritten)?;
        let mut listener = std::mem::take(&mut self.listener);
        let mut cells: Vec<String> = Vec::with_capacity(columns.len() + 1);
        self.each(|view, _, version| {
            let values = view.values_by(&schema, &version)?;
            cells.clear();
            cells.push(version.key().to_string());
            cells.extend(columns.iter().map(|(attribute, ty)| match values.get(&attribute.name) {
                Some(value) => cell::write(value, ty),
                None => attribute.default_value().map(|value| cell::write(&value, ty)).unwrap_or_default(),
            }));
            out.write_record(&cells).map_err(unwritten)?;
            report.objects += 1;
            listener.step(&Progress { objects: report.objects, total: None, bytes: out.get_ref().bytes });
            Ok(())
        })?;
        out.flush().map_err(unwritten)?;
        report.bytes = out.get_ref().bytes;
        listener.tell(&Progress { objects: report.objects, total: None, bytes: report.bytes });
        Ok(report)
    }
}

impl Repo {
    /// Writes all objects of a model as CSV; see [`Export::csv`].
    ///
    /// # Errors
    /// As [`Export::csv`]. Cost: the same.
    pub fn export_csv<T: Drone>(&self, writer: impl Write) -> Result<ExportReport> {
        Export::new(self).model::<T>().csv(writer)
    }
}
