//! An object as a query sees it: its version, and what has to be read of it.

use crate::repo::conflicts::{Heads, decisions};
use crate::repo::view::View;
use dronestore_core::query::{Path, Query, Root, Row};
use dronestore_core::schema::{Column, Pass, Schema};
use dronestore_core::strategy::Rulings;
use dronestore_core::version::Shape;
use dronestore_core::{Key, Nanotime, Result, Value, Version};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How the attributes that a query names are read: as the first of these says that has found something.
#[derive(Debug)]
pub(crate) struct Columns(Vec<Reader>);

/// The attributes as one schema has them.
#[derive(Debug)]
struct Reader {
    schema: Arc<Schema>,
    columns: Vec<Column>,
}

impl Columns {
    pub(crate) fn new<'p>(
        schemas: impl IntoIterator<Item = Arc<Schema>>,
        paths: impl Iterator<Item = &'p Path> + Clone,
        column: impl Fn(&Schema, &str) -> Column,
    ) -> Columns {
        let reader = |schema| Reader::new(schema, paths.clone(), &column);
        Columns(schemas.into_iter().map(reader).collect())
    }

    /// What an attribute of a version reads as by these rulings, which are all that there are about it.
    pub(crate) fn read_ruled(
        &self,
        version: &Version,
        name: &str,
        rulings: Option<&Rulings>,
    ) -> Result<Option<Value>> {
        self.find(name, |schema, column| Ok(schema.read_column(version, column, rulings)?.0))
    }

    /// The first schema.
    pub(crate) fn schema(&self) -> Option<&Schema> {
        self.0.first().map(|reader| &*reader.schema)
    }

    /// The only schema, and its columns; `None` where there are several schemas to ask.
    pub(super) fn single(&self) -> Option<(&Schema, &[Column])> {
        match &self.0[..] {
            [reader] => Some((&reader.schema, &reader.columns)),
            _ => None,
        }
    }

    /// Where among the columns of the only schema a path begins.
    pub(super) fn number(&self, path: &Path) -> Option<usize> {
        let (Root::Attribute(name), (_, columns)) = (&path.root, self.single()?) else { return None };
        columns.iter().position(|column| column.name() == name)
    }

    /// The columns of the only schema at which these paths begin, where each does, in their order.
    pub(super) fn of<'p>(&self, paths: impl IntoIterator<Item = &'p Path>) -> Option<Vec<usize>> {
        let numbers: Option<BTreeSet<usize>> = paths.into_iter().map(|path| self.number(path)).collect();
        Some(numbers?.into_iter().collect())
    }

    /// What these columns of the only schema read as in a state; nothing where that takes a closer look.
    pub(super) fn read<'p>(
        &self,
        asked: &[usize],
        shape: &Arc<Shape>,
        state: &[u8],
        pass: &'p mut Pass,
    ) -> Option<&'p [Option<Value>]> {
        let (schema, columns) = self.single()?;
        pass.read(shape, state, asked.len(), |place| (schema, &columns[asked[place]]))
    }

    fn find(
        &self,
        name: &str,
        read: impl Fn(&Schema, &Column) -> Result<Option<Value>>,
    ) -> Result<Option<Value>> {
        for Reader { schema, columns } in &self.0 {
            let Some(column) = columns.iter().find(|column| column.name() == name) else { continue };
            if let Some(value) = read(schema, column)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }
}

impl Reader {
    fn new<'p>(
        schema: Arc<Schema>,
        paths: impl Iterator<Item = &'p Path>,
        column: impl Fn(&Schema, &str) -> Column,
    ) -> Reader {
        let mut columns: Vec<Column> = Vec::new();
        for path in paths {
            if let Root::Attribute(name) = &path.root
                && !columns.iter().any(|column| column.name() == name)
            {
                columns.push(column(&schema, name));
            }
        }
        Reader { schema, columns }
    }
}

/// All paths that a query looks at.
pub(crate) fn paths(query: &Query) -> impl Iterator<Item = &Path> + Clone {
    query.filter.paths().into_iter().chain(query.order.iter().map(|order| &order.by))
}

/// An object under a query.
pub(crate) struct Record<'s> {
    pub(crate) version: Version,
    columns: &'s Columns,
    view: &'s View,
    /// Columns that were read already, and what they read as.
    known: Option<(&'s [usize], &'s [Option<Value>])>,
}

impl<'s> Record<'s> {
    pub(crate) fn new(version: Version, columns: &'s Columns, view: &'s View) -> Self {
        Record { version, columns, view, known: None }
    }

    /// Takes what these columns read as for known.
    pub(super) fn knowing(self, asked: &'s [usize], values: Option<&'s [Option<Value>]>) -> Self {
        Record { known: values.map(|values| (asked, values)), ..self }
    }

    /// What an attribute reads as, where it was read already.
    fn known(&self, name: &str) -> Option<Option<&Value>> {
        let ((asked, values), (_, columns)) = (self.known?, self.columns.single()?);
        let place = asked.iter().position(|column| columns[*column].name() == name)?;
        Some(values[place].as_ref())
    }
}

impl Row for Record<'_> {
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
        if let Some(known) = self.known(name) {
            return Ok(known.map(Cow::Borrowed));
        }
        let read = |schema: &Schema, column: &Column| read_column(self.view, &self.version, schema, column);
        Ok(self.columns.find(name, read)?.map(Cow::Owned))
    }
}

/// What an attribute of a version reads as, `None` where nothing was written.
pub(crate) fn read_column(
    heads: &impl Heads,
    version: &Version,
    schema: &Schema,
    column: &Column,
) -> Result<Option<Value>> {
    let ruled = || {
        let rulings = decisions::rulings(heads, version)?;
        Ok(schema.read_column(version, column, Some(&rulings))?.0)
    };
    match schema.read_column(version, column, None) {
        Ok((value, false)) => Ok(value),
        // As the object itself is read: by what was decided. The newest side may be what no longer decodes.
        Ok((_, true)) => ruled(),
        Err(error) => match version.may_have_rulings() {
            Ok(true) => ruled(),
            _ => Err(error),
        },
    }
}
