//! CSV in: one kind, a column an attribute.

use super::cell::{self, Cell};
use super::table::{Kinds, Known, Row};
use super::write_csv::KEY;
use super::{Import, ImportReport};
use crate::drone::Drone;
use crate::repo::{ObjectName, Repo};
use csv::StringRecord;
use dronestore_core::schema::{Type, Values};
use dronestore_core::{Error, ErrorKind, Key, Result};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What the reader of CSV reads ahead.
const AHEAD: usize = 64 << 10;

/// What the head says of a column.
enum Column {
    Key,
    Attribute(String, Type),
}

impl Import<'_> {
    /// Imports objects of one kind from CSV, as [`Export::csv`](super::Export::csv) writes it.
    ///
    /// The head names the columns: `key` (or `@key`), with the names or whole keys of the objects, and attributes by
    /// their stored names, in any order. An attribute without a column stays as it is. An empty cell is an empty text,
    /// or an option that is `None`; of any other type it is nothing, and the attribute stays as it is.
    ///
    /// # Errors
    /// With the number of the line where the record begins, the head being line 1: [`InvalidValue`](ErrorKind::InvalidValue) for a cell that
    /// is not of the attribute's type, a record with more or fewer cells than the head, what is not UTF-8, a quote that is
    /// open at the end;
    /// [`NotFound`](ErrorKind::NotFound) for a column that is no attribute; [`Unsupported`](ErrorKind::Unsupported) for a record that is too
    /// long, as one is whose quote is never closed.
    ///
    /// Cost: as [`Import::json`].
    pub fn csv(&mut self, kind: &str, reader: impl Read) -> Result<ImportReport> {
        let (left, before) = (Arc::new(AtomicU64::new(0)), self.read.unwrap_or(0));
        let is_open = Arc::new(AtomicBool::new(false));
        let input = Limited { input: reader, left: left.clone(), at: At::Start, is_open: is_open.clone() };
        let builder = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(AHEAD)
            .from_reader(input);
        let mut records =
            Records { reader: builder, record: StringRecord::new(), left, is_open, most: self.limits.line };
        let known = Kinds::default().get(kind, self)?;
        let head = records.next().and_then(|is_there| match is_there {
            true => columns(&records.record, &known),
            false => Err(Error::new(ErrorKind::InvalidValue, "has no head, and no objects")),
        });
        let columns = head.map_err(|error| self.ended("line 1", error))?;
        let mut rows = Vec::new();
        let mut bytes = 0;
        loop {
            let read = match records.next() {
                Ok(false) => Ok(None),
                Ok(true) => row(&records.record, &columns, &known).map(Some),
                Err(error) => Err(error),
            };
            let line = records.line();
            let position = records.reader.position().byte();
            self.read = Some(before + position);
            match read {
                Ok(Some(mut row)) => {
                    row.line = line;
                    rows.push(row);
                }
                other => {
                    self.write_rows(&mut rows)?;
                    other.map_err(|error| self.ended(&format!("line {line}"), error))?;
                    return Ok(self.report.clone());
                }
            }
            if rows.len() >= self.limits.objects || position - bytes >= self.limits.bytes as u64 {
                bytes = position;
                self.write_rows(&mut rows)?;
            }
        }
    }
}

/// Reads the head.
fn columns(head: &StringRecord, known: &Known) -> Result<Vec<Column>> {
    let mut columns = Vec::with_capacity(head.len());
    for (number, name) in head.iter().enumerate() {
        let name = name.trim();
        if head.iter().take(number).any(|other| other.trim() == name) {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!("names column `{}` twice", name.escape_debug()),
            ));
        }
        columns.push(match known.attribute(name) {
            Some((_, ty)) => Column::Attribute(name.to_owned(), ty.clone()),
            None if KEY.contains(&name) => Column::Key,
            None => {
                let names: Vec<&str> =
                    known.schema.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
                let message = format!(
                    "`{}` has no attribute `{}`; it has {}",
                    known.schema.kind,
                    name.escape_debug(),
                    names.join(", ")
                );
                return Err(Error::new(ErrorKind::NotFound, message));
            }
        });
    }
    match columns.iter().filter(|column| matches!(column, Column::Key)).count() {
        1 => Ok(columns),
        0 => Err(Error::new(ErrorKind::InvalidValue, "names no column `key`")),
        _ => Err(Error::new(ErrorKind::InvalidValue, "names the key twice")),
    }
}

/// Reads a record.
fn row(record: &StringRecord, columns: &[Column], known: &Arc<Known>) -> Result<Row> {
    if record.len() != columns.len() {
        let message = format!("has {} cells, and the head {}", record.len(), columns.len());
        return Err(Error::new(ErrorKind::InvalidValue, message));
    }
    let mut key: Option<Key> = None;
    let (mut values, mut empty) = (Values::new(), Values::new());
    for (text, column) in record.iter().zip(columns) {
        match column {
            Column::Key => {
                // White space at the end of a whole key is part of it, as it is written; who types names means none.
                let whole = text.trim_start();
                let is_whole = whole.starts_with('/');
                key = Some(if is_whole { whole.parse()? } else { text.trim().key(&known.schema.kind)? });
            }
            Column::Attribute(name, ty) => {
                match cell::read(text, ty).map_err(|error| error.at(format_args!("attribute `{name}`")))? {
                    Cell::Value(value) => drop(values.insert(name.clone(), value)),
                    Cell::Empty(value) => drop(empty.insert(name.clone(), value)),
                    Cell::Nothing => {}
                }
            }
        }
    }
    let key = key.ok_or_else(|| Error::new(ErrorKind::InvalidValue, "has no key"))?;
    Ok(Row { known: known.clone(), key, values, empty, line: 0 })
}

/// Records of bounded length.
struct Records<R> {
    reader: csv::Reader<Limited<R>>,
    record: StringRecord,
    left: Arc<AtomicU64>,
    is_open: Arc<AtomicBool>,
    most: u64,
}

impl<R: Read> Records<R> {
    /// Reads the next record; says whether there is one.
    fn next(&mut self) -> Result<bool> {
        self.left.store(self.most.saturating_add(AHEAD as u64), Ordering::Relaxed);
        let read = self.reader.read_record(&mut self.record).map_err(|error| self.failed(error))?;
        if self.record.as_slice().len() as u64 > self.most { Err(self.too_long()) } else { Ok(read) }
    }

    fn too_long(&self) -> Error {
        let message = format!("is longer than {} bytes: the quote of a cell may not be closed", self.most);
        Error::new(ErrorKind::Unsupported, message)
    }

    /// The line where the last record begins, or where the reader stands.
    fn line(&self) -> u64 {
        self.record.position().map_or_else(|| self.reader.position().line(), csv::Position::line)
    }

    fn failed(&self, error: csv::Error) -> Error {
        if self.left.load(Ordering::Relaxed) == 0 {
            return self.too_long();
        }
        if self.is_open.load(Ordering::Relaxed) {
            let message = "ends within a cell: its quote is never closed, or the file was cut";
            return Error::new(ErrorKind::InvalidValue, message);
        }
        match error.kind() {
            csv::ErrorKind::Io(_) => Error::new(ErrorKind::Store, "cannot be read").with_source(error),
            csv::ErrorKind::Utf8 { .. } => {
                Error::new(ErrorKind::InvalidValue, "is not UTF-8").with_source(error)
            }
            _ => Error::new(ErrorKind::InvalidValue, "is not CSV").with_source(error),
        }
    }
}

/// A reader that gives no more than it may, and does not end within quotes.
struct Limited<R> {
    input: R,
    left: Arc<AtomicU64>,
    at: At,
    /// Whether it ended there.
    is_open: Arc<AtomicBool>,
}

/// Where in a cell a reader of CSV stands.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Start,
    Plain,
    Quoted,
    /// Behind a quote within quotes: they end here, or it is doubled.
    Quote,
}

impl At {
    fn behind(self, byte: u8) -> At {
        match (self, byte) {
            (At::Quoted, b'"') => At::Quote,
            (At::Quoted, _) | (At::Start | At::Quote, b'"') => At::Quoted,
            (_, b',' | b'\r' | b'\n') => At::Start,
            _ => At::Plain,
        }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Err(io::Error::other("a record is too long"));
        }
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = self.input.read(&mut buffer[..most])?;
        self.left.store(left - read as u64, Ordering::Relaxed);
        self.at = buffer[..read].iter().fold(self.at, |at, byte| at.behind(*byte));
        if read == 0 && most > 0 && self.at == At::Quoted {
            self.is_open.store(true, Ordering::Relaxed);
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        Ok(read)
    }
}

impl Repo {
    /// Imports objects of a model from CSV; see [`Import::csv`].
    ///
    /// # Errors
    /// As [`Import::csv`]; [`InvalidValue`](ErrorKind::InvalidValue) where the program could not read the object afterwards. Cost: the same.
    ///
    /// ```
    /// use dronestore::{Drone, Repo};
    ///
    /// #[derive(Drone, Debug)]
    /// struct City {
    ///     #[merge(latest)]
    ///     name: String,
    ///     #[merge(latest)]
    ///     mayor: Option<String>,
    ///     #[merge(latest)]
    ///     people: u64,
    /// }
    ///
    /// let repo = Repo::memory()?;
    /// let table = "key,name,people,mayor\nber,Berlin,3900000,\nlin,\"Linz, Donau\",212000,Prammer\n";
    /// repo.import_csv::<City>(table.as_bytes())?;
    /// let linz = repo.get::<City>("lin")?.expect("just imported");
    /// assert_eq!((linz.name.as_str(), linz.mayor.as_deref()), ("Linz, Donau", Some("Prammer")));
    /// assert_eq!(repo.get::<City>("ber")?.expect("just imported").mayor, None);
    ///
    /// let mut out = Vec::new();
    /// repo.export_csv::<City>(&mut out)?;
    /// assert_eq!(out, b"key,mayor,name,people\n/City:ber,,Berlin,3900000\n/City:lin,Prammer,\"Linz, Donau\",212000\n");
    /// # Ok::<(), dronestore::Error>(())
    /// ```
    pub fn import_csv<T: Drone>(&self, reader: impl Read) -> Result<ImportReport> {
        Import::new(self).model::<T>().csv(T::KIND, reader)
    }
}
