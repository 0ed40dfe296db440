//! Places to read and places to write: what a strategy is shown of a state.

use super::{Pen, Replaces, Rulings, Scene};
use crate::bytes::Reader;
use crate::causal::form::Child;
use crate::causal::join::{MAX_NESTING, too_deep};
use crate::causal::place::{Dots, DotsWriter, Fields, Items, Values};
use crate::causal::state::{self, Content, Row, Rows};
use crate::causal::{Context, Dot, Structure};
use crate::error::{Error, Result};
use crate::time::Nanotime;
use crate::value::Texts;
use std::cell::{Cell, OnceCell};

/// One write that stands at a place: a value and when it was written.
///
/// Entries come in the order of their rows, which is that of (actor, sequence): the canonical one.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The row of the dot in its state's table.
    pub row: u32,
    /// When it was written, by its author's hybrid clock.
    pub time: Nanotime,
    /// The canonical encoding of the value.
    pub value: &'a [u8],
}

/// The table of dots of a state, parsed when first asked for: most places hold one entry and need no times.
#[derive(Debug, Default)]
pub struct Table<'a> {
    bytes: &'a [u8],
    context: &'a [u8],
    created: Nanotime,
    rows: OnceCell<Rows>,
    actors: OnceCell<Context>,
    /// The texts among the attributes.
    pub(crate) texts: Texts<'a>,
    /// How deep in maps and nested drones whoever reads or writes by this table is.
    depth: Cell<usize>,
    /// What the decisions of people say about the conflicts of this state.
    rulings: Option<&'a Rulings>,
    /// Whether a `conflict` of several entries was read.
    met_conflict: Cell<bool>,
}

impl<'a> Table<'a> {
    /// The table of a state, and its attributes' bytes.
    pub(crate) fn of_state(bytes: &'a [u8]) -> Result<(Table<'a>, &'a [u8])> {
        let parts = state::content(state::split(bytes)?.1)?;
        Ok((Table::new(&parts, Texts::default()), parts.attributes))
    }

    /// The table of a content, and what is known about the texts of its attributes.
    #[inline]
    pub(crate) fn new(content: &Content<'a>, texts: Texts<'a>) -> Table<'a> {
        let (bytes, context, created) = (content.table, content.context, content.created);
        Table { bytes, context, created, texts, ..Table::default() }
    }

    /// The same table, by which conflicts read as these rulings say.
    pub(crate) fn ruled_by(self, rulings: Option<&'a Rulings>) -> Self {
        Table { rulings, ..self }
    }

    /// What was decided about the `conflict` with these entries, of which there are several; notes that it was met.
    pub(crate) fn ruling(&self, entries: &[Entry<'_>]) -> Option<&'a [u8]> {
        self.met_conflict.set(true);
        self.rulings?.find(self.offset(entries)?)
    }

    /// Where the first of these entries' values stands behind the table: the name of a place within its state.
    pub(crate) fn offset(&self, entries: &[Entry<'_>]) -> Option<usize> {
        entries.first()?.value.as_ptr().addr().checked_sub(self.bytes.as_ptr().addr())
    }

    /// Whether a `conflict` of several entries was read by this table.
    pub(crate) fn has_met_conflict(&self) -> bool {
        self.met_conflict.get()
    }

    /// Goes one level down; a drone may hold maps of itself, and the stack is finite.
    pub(crate) fn deeper<R>(&self, work: impl FnOnce() -> Result<R>) -> Result<R> {
        let depth = self.depth.get();
        // One level less than what is accepted from outside: below the last map or drone there are values.
        if depth + 1 == MAX_NESTING {
            return Err(too_deep());
        }
        self.depth.set(depth + 1);
        let result = work();
        self.depth.set(depth);
        result
    }

    fn rows(&self) -> Result<&[Row]> {
        if let Some(rows) = self.rows.get() {
            return Ok(rows);
        }
        let rows = state::rows(self.bytes, self.created, None)?;
        Ok(self.rows.get_or_init(|| rows))
    }

    /// The dot of a row; linear in the actors the first time, for the few who ask.
    pub(crate) fn dot(&self, row: u32) -> Result<Dot> {
        let row = self.row(row)?;
        let context = match self.actors.get() {
            Some(context) => context,
            None => {
                let context = Context::decode(self.context)?;
                self.actors.get_or_init(|| context)
            }
        };
        let seen = context.entries().get(row.actor as usize);
        let seen = seen.ok_or_else(|| Error::corrupt("a row names no line of the context"))?;
        Ok(Dot { actor: seen.actor, sequence: row.sequence })
    }

    pub(crate) fn row(&self, row: u32) -> Result<Row> {
        let found = self.rows()?.get(row as usize).copied();
        found.ok_or_else(|| Error::corrupt("an entry names no row of the table"))
    }
}

/// A place to read: the bytes that stand there, and the table that its rows are in.
#[derive(Debug, Clone, Copy)]
pub struct ReadPlace<'a> {
    pub(crate) body: &'a [u8],
    pub(crate) table: &'a Table<'a>,
}

impl<'a> ReadPlace<'a> {
    /// Whether nothing has been written here, or all of it was taken away.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// The place below: another body of the same state.
    pub(crate) fn below(&self, body: &'a [u8]) -> ReadPlace<'a> {
        ReadPlace { body, table: self.table }
    }

    /// The one value here, where there is exactly one.
    pub(crate) fn single(&self) -> Result<Option<&'a [u8]>> {
        let mut values = Values::new(self.body);
        let first = values.next()?;
        // An entry's value is what is left after its row; anything behind it is another entry.
        Ok(first
            .filter(|entry| entry.value.as_ptr_range().end == self.body.as_ptr_range().end)
            .map(|entry| entry.value))
    }

    /// The writes here, with their times.
    pub fn entries(&self) -> Result<Vec<Entry<'a>>> {
        let mut values = Values::new(self.body);
        let mut entries = Vec::new();
        while let Some(entry) = values.next()? {
            let time = self.table.row(entry.row)?.time;
            entries.push(Entry { row: entry.row, time, value: entry.value });
        }
        Ok(entries)
    }

    /// The items of a map or set here.
    pub(crate) fn items(&self, child: Child<'_>) -> Result<Items<'a>> {
        Items::new(self.body, child == Child::Unit)
    }

    /// The attributes of a nested drone here.
    pub(crate) fn fields(&self) -> Result<Fields<'a>> {
        Fields::new(self.body)
    }
}

/// A place to write: what the writer had loaded, what stands there now, and a pen.
#[derive(Debug)]
pub struct WritePlace<'p> {
    pub(crate) scene: &'p Scene<'p>,
    pub(crate) base: &'p [u8],
    pub(crate) head: &'p [u8],
    pub(crate) pen: &'p mut Pen,
}

impl<'p> WritePlace<'p> {
    /// The place as the writer had loaded it.
    pub(crate) fn loaded(&self) -> ReadPlace<'p> {
        ReadPlace { body: self.base, table: &self.scene.base }
    }

    /// A place below this one.
    pub(crate) fn below<'q>(&'q mut self, base: &'q [u8], head: &'q [u8]) -> WritePlace<'q>
    where
        'p: 'q,
    {
        WritePlace { scene: self.scene, base, head, pen: self.pen }
    }

    /// Leaves the place as the head has it.
    pub(crate) fn keep(&mut self, structure: Structure<'_>) -> Result<()> {
        self.pen.copy(structure, self.head)
    }

    /// Leaves the place as the head has it, if the one write that stands there put this value; says whether it did.
    #[inline]
    pub(crate) fn keep_equal(&mut self, value: &[u8]) -> bool {
        // Where the one item behind a row is this one, nothing else can follow it.
        match self.base.split_first() {
            Some((&row, stored)) if row < 0x80 && stored == value && self.head == self.base => {
                self.put_entry(u32::from(row), value);
                true
            }
            _ => false,
        }
    }

    /// The entries of the head here, each with whether the writer had seen it and whether it is its own.
    pub(crate) fn head_entries(&self) -> Result<Vec<(Entry<'p>, bool, bool)>> {
        let mut values = Values::new(self.head);
        let mut entries = Vec::new();
        while let Some(entry) = values.next()? {
            let row = self.scene.head_rows.get(entry.row as usize);
            let time = row.ok_or_else(|| Error::corrupt("an entry names no row of the table"))?.time;
            let shown = Entry { row: entry.row, time, value: entry.value };
            entries.push((shown, self.scene.has_seen(entry.row), self.scene.is_own(entry.row)));
        }
        Ok(entries)
    }

    /// Writes a value under the commit's own dot beside those entries of the head that are not replaced.
    pub(crate) fn put(&mut self, value: &[u8], replaces: Replaces) -> Result<()> {
        self.pen.changed = true;
        let mut own_is_due = true;
        let mut entries = Values::new(self.head);
        while let Some(entry) = entries.next()? {
            if self.scene.is_replaced(entry.row, replaces) {
                continue;
            }
            if own_is_due && self.scene.is_after_own(entry.row) {
                own_is_due = false;
                self.put_entry(self.scene.own(), value);
            }
            self.put_entry(entry.row, entry.value);
        }
        if own_is_due {
            self.put_entry(self.scene.own(), value);
        }
        Ok(())
    }

    #[inline]
    fn put_entry(&mut self, row: u32, value: &[u8]) {
        self.pen.put_row(row);
        self.pen.out.extend_from_slice(value);
    }

    /// Writes a list of dots: those of the head that the writer had not seen, and the commit's own if asked.
    pub(crate) fn put_dots(&mut self, head: &[u8], with_own: bool) -> Result<bool> {
        self.pen.changed = true;
        let mut reader = Reader::new(head);
        let mut dots = Dots::new(&mut reader);
        let mut writer = DotsWriter::default();
        let mut own = with_own.then_some(self.scene.own());
        while let Some(row) = dots.next()? {
            if self.scene.has_seen(row) {
                continue;
            }
            if let Some(own) = own.take_if(|_| self.scene.is_after_own(row)) {
                self.pen.put_dot(&mut writer, own);
            }
            self.pen.put_dot(&mut writer, row);
        }
        if let Some(own) = own {
            self.pen.put_dot(&mut writer, own);
        }
        Ok(writer.end(&mut self.pen.out))
    }

    /// Writes with the size of what is written in front.
    #[inline]
    pub(crate) fn sized(&mut self, write: impl FnOnce(&mut Self) -> Result<()>) -> Result<usize> {
        let begun = self.pen.begin_sized();
        write(self)?;
        Ok(self.pen.end_sized(&begun))
    }
}
