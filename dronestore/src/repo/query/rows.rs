//! An object as a query sees it: its version, and what has to be read of it.

use crate::repo::conflicts::{Heads, decisions};
use crate::repo::view::View;
use dronestore_core::query::{Path, Query, Root, Row};
use dronestore_core::schema::{Cells, Column, Pass, Schema};
use dronestore_core::strategy::Rulings;
use dronestore_core::value::Cell;
use dronestore_core::version::Shape;
use dronestore_core::{Key, Nanotime, Result, Value, Version};
use std::borrow::{Borrow, Cow};
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

    /// Where among these columns a path begins.
    pub(super) fn place(&self, path: &Path, among: &[usize]) -> Option<usize> {
        among.binary_search(&self.number(path)?).ok()
    }

    /// What these columns of the only schema read as in a state; nothing where that takes a closer look.
    #[inline]
    pub(super) fn read<'v>(
        &self,
        asked: &[usize],
        shape: &Arc<Shape>,
        state: &'v [u8],
        pass: &mut Pass,
    ) -> Option<Cells<'v>> {
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
pub(crate) struct Record<'s, V = Version> {
    pub(crate) version: V,
    columns: &'s Columns,
    view: &'s View,
    /// Columns that were read already, and what they read as.
    known: Option<(&'s [usize], Cells<'s>)>,
}

impl<'s, V: Borrow<Version>> Record<'s, V> {
    pub(crate) fn new(version: V, columns: &'s Columns, view: &'s View) -> Self {
        Record { version, columns, view, known: None }
    }

    /// Takes what these columns read as for known.
    pub(super) fn knowing(self, asked: &'s [usize], cells: Option<Cells<'s>>) -> Self {
        Record { known: cells.map(|cells| (asked, cells)), ..self }
    }

    /// What an attribute reads as, where it was read already.
    fn known(&self, name: &str) -> Option<Option<&Cell<'s>>> {
        let ((asked, cells), (_, columns)) = (self.known.as_ref()?, self.columns.single()?);
        let place = asked.iter().position(|column| columns[*column].name() == name)?;
        Some(cells[place].as_ref())
    }
}

impl<V: Borrow<Version>> Row for Record<'_, V> {
    fn key(&self) -> &Key {
        self.version.borrow().key()
    }

    fn kind(&self) -> &str {
        self.version.borrow().kind()
    }

    fn created(&self) -> Nanotime {
        self.version.borrow().created()
    }

    fn committed(&self) -> Nanotime {
        self.version.borrow().committed()
    }

    fn attribute(&self, name: &str) -> Result<Option<Cow<'_, Value>>> {
        if let Some(known) = self.known(name) {
            return Ok(known.map(Cell::to_value));
        }
        let read =
            |schema: &Schema, column: &Column| read_column(self.view, self.version.borrow(), schema, column);
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
