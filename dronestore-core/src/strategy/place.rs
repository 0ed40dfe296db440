//! Places to read and places to write: what a strategy is shown of a state.

use crate::bytes::{Reader, put_varint};
use crate::causal::form::Child;
use crate::causal::join::{Fate, Join, MAX_NESTING, Slot, too_deep};
use crate::causal::place::{Dots, DotsWriter, Fields, Item, Items, Values};
use crate::causal::state::{self, Row};
use crate::causal::{Context, Dot, Structure};
use crate::error::{Error, Result};
use crate::time::Nanotime;
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
#[derive(Debug)]
pub struct Table<'a> {
    bytes: &'a [u8],
    context: &'a [u8],
    created: Nanotime,
    rows: OnceCell<Vec<Row>>,
    actors: OnceCell<Context>,
    /// How deep in maps and nested drones whoever reads or writes by this table is.
    depth: Cell<usize>,
}

impl<'a> Table<'a> {
    /// The table of a state, and its attributes' bytes.
    pub(crate) fn of_state(bytes: &'a [u8]) -> Result<(Table<'a>, &'a [u8])> {
        let (_, content) = state::split(bytes)?;
        let parts = state::content(content)?;
        let (bytes, context, created) = (parts.table, parts.context, parts.created);
        Ok((Table { bytes, context, created, ..Table::empty() }, parts.attributes))
    }

    /// A table without rows.
    pub(crate) fn empty() -> Table<'static> {
        let (rows, actors, depth) = (OnceCell::new(), OnceCell::new(), Cell::new(0));
        Table { bytes: &[], context: &[], created: Nanotime::MIN, rows, actors, depth }
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

/// What one commit writes against: the head, what the writer had seen of it, and the commit's own row.
#[derive(Debug)]
pub(crate) struct Scene<'s> {
    /// The table of the version that the writer had loaded.
    pub(crate) base: Table<'s>,
    /// The context of that version.
    pub(crate) base_context: Context,
    /// The table of the head.
    pub(crate) head_rows: Vec<Row>,
    /// For each row of the head the actor and whether the writer had seen it.
    pub(crate) head_context: Context,
    /// For each row of the head, whether the writer had seen it.
    pub(crate) seen: Vec<bool>,
    /// The actor's line in the head's context, where it has one.
    pub(crate) own_line: Option<u32>,
    /// The commit's own row in the result.
    pub(crate) own_row: u32,
    /// Where the head's rows stand in the result.
    pub(crate) slots: Vec<Slot>,
}

/// What one commit writes with.
#[derive(Debug)]
pub(crate) struct Pen {
    /// Copies what is kept of the head, and knows which rows are used.
    pub(crate) keep: Join,
    /// Copies what is left of the head where the writer takes away all it has seen; made when first needed.
    unseen: Option<Join>,
    /// The attributes' bytes.
    pub(crate) out: Vec<u8>,
    /// Whether anything was written since this was last set to false.
    pub(crate) changed: bool,
    /// What was asked for and not recorded, with the reason.
    pub(crate) notes: Vec<String>,
    /// The required fields that are empty.
    pub(crate) missing: Vec<&'static str>,
    /// Whether every field will read as the value that was written: nothing was left out or stands beside it.
    pub(crate) reads_as_written: bool,
    /// A buffer for encoding, kept for its memory.
    pub(crate) scratch: Vec<u8>,
}

impl Scene<'static> {
    /// A scene in which nothing stands yet and the commit's own row is the only one.
    pub(crate) fn blank() -> Scene<'static> {
        Scene {
            base: Table::empty(),
            base_context: Context::default(),
            head_rows: Vec::new(),
            head_context: Context::default(),
            seen: Vec::new(),
            own_line: None,
            own_row: 0,
            slots: Vec::new(),
        }
    }
}

impl Pen {
    pub(crate) fn new(scene: &Scene<'_>, rows: usize, capacity: usize) -> Pen {
        Pen {
            keep: Join::copy(scene.slots.clone(), rows),
            unseen: None,
            out: Vec::with_capacity(capacity),
            changed: false,
            notes: Vec::new(),
            missing: Vec::new(),
            reads_as_written: true,
            scratch: Vec::with_capacity(256),
        }
    }
}

impl Pen {
    /// Copies what is left of an item of the head when all that the writer has seen of it is taken away.
    pub(crate) fn put_unseen(&mut self, scene: &Scene<'_>, child: Child<'_>, item: &Item<'_>) -> Result<()> {
        let rows = self.keep.used().len();
        let unseen = self.unseen.get_or_insert_with(|| {
            let fate = |seen: &bool| if *seen { Fate::Dead } else { Fate::Lives };
            let slots =
                scene.slots.iter().zip(&scene.seen).map(|(slot, seen)| Slot { fate: fate(seen), ..*slot });
            Join::copy(slots.collect(), rows)
        });
        unseen.item(child, item, &Item::ABSENT, &mut self.out).map(|_| ())
    }

    /// Whether something bears each row of the result.
    pub(crate) fn all_used(&self) -> bool {
        match &self.unseen {
            None => self.keep.used().iter().all(|used| *used),
            Some(_) => self.used().iter().all(|used| *used),
        }
    }

    /// Which rows of the result something bears.
    pub(crate) fn used(&self) -> Vec<bool> {
        let mut used = self.keep.used().to_vec();
        if let Some(unseen) = &self.unseen {
            used.iter_mut().zip(unseen.used()).for_each(|(used, also)| *used |= also);
        }
        used
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
        self.pen.keep.body(structure, self.head, &[], &mut self.pen.out)
    }

    /// Whether the writer had seen this row of the head.
    pub(crate) fn has_seen(&self, row: u32) -> bool {
        self.scene.seen.get(row as usize).copied().unwrap_or(false)
    }

    /// Whether this row of the head is the writer's own actor's.
    pub(crate) fn is_own(&self, row: u32) -> bool {
        let line = self.scene.head_rows.get(row as usize).map(|row| row.actor);
        line.is_some() && line == self.scene.own_line
    }

    /// Whether a row of the head and a row of what was loaded are one dot.
    pub(crate) fn is_same_dot(&self, head: u32, base: u32) -> bool {
        let same = || {
            let (head, base) = (self.scene.head_rows.get(head as usize)?, self.scene.base.row(base).ok()?);
            let head_actor = self.scene.head_context.entries().get(head.actor as usize)?.actor;
            let base_actor = self.scene.base_context.entries().get(base.actor as usize)?.actor;
            Some(head_actor == base_actor && head.sequence == base.sequence)
        };
        same().unwrap_or(false)
    }

    /// The entries of the head here, each with whether the writer had seen it and whether it is its own.
    pub(crate) fn head_entries(&self) -> Result<Vec<(Entry<'p>, bool, bool)>> {
        let mut values = Values::new(self.head);
        let mut entries = Vec::new();
        while let Some(entry) = values.next()? {
            let row = self.scene.head_rows.get(entry.row as usize);
            let time = row.ok_or_else(|| Error::corrupt("an entry names no row of the table"))?.time;
            let shown = Entry { row: entry.row, time, value: entry.value };
            entries.push((shown, self.has_seen(entry.row), self.is_own(entry.row)));
        }
        Ok(entries)
    }

    /// Writes a value under the commit's own dot beside those entries of the head that are not replaced.
    pub(crate) fn put(&mut self, value: &[u8], replaces: impl Fn(&Self, u32) -> bool) -> Result<()> {
        self.pen.changed = true;
        let own = self.scene.own_row;
        let mut own_is_due = true;
        let mut entries = Values::new(self.head);
        while let Some(entry) = entries.next()? {
            if replaces(self, entry.row) {
                continue;
            }
            let to = self.to(entry.row)?;
            if own_is_due && to > own {
                own_is_due = false;
                self.put_entry(own, value);
            }
            self.put_entry(to, entry.value);
        }
        if own_is_due {
            self.put_entry(own, value);
        }
        Ok(())
    }

    fn put_entry(&mut self, row: u32, value: &[u8]) {
        put_varint(&mut self.pen.out, u64::from(self.pen.keep.mark(row)));
        self.pen.out.extend_from_slice(value);
    }

    /// Writes a list of dots: those of the head that the writer had not seen, and the commit's own if asked.
    pub(crate) fn put_dots(&mut self, head: &[u8], with_own: bool) -> Result<bool> {
        self.pen.changed = true;
        let mut reader = Reader::new(head);
        let mut dots = Dots::new(&mut reader);
        let mut writer = DotsWriter::default();
        let mut own = with_own.then_some(self.scene.own_row);
        while let Some(row) = dots.next()? {
            if self.has_seen(row) {
                continue;
            }
            let to = self.to(row)?;
            if let Some(own) = own.take_if(|own| *own < to) {
                writer.put(&mut self.pen.out, self.pen.keep.mark(own));
            }
            writer.put(&mut self.pen.out, self.pen.keep.mark(to));
        }
        if let Some(own) = own {
            writer.put(&mut self.pen.out, self.pen.keep.mark(own));
        }
        Ok(writer.end(&mut self.pen.out))
    }

    fn to(&self, row: u32) -> Result<u32> {
        let slot = self.scene.slots.get(row as usize);
        slot.map(|slot| slot.to).ok_or_else(|| Error::corrupt("an entry names no row of the table"))
    }
}
