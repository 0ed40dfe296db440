//! The join: at every place, what both have, and what one has and the other has never seen.
//!
//! It reads the bytes of two bodies side by side and writes the bytes of a third. Values are copied, never
//! decoded; strategies are not known here. Commutative, associative and idempotent because for each dot at
//! each place the question is only: who holds it, and who has seen it.

use super::form::{Child, Form, Structure};
use super::place::{Dots, DotsWriter, Field, Fields, Item, Items, Values};
use super::state::Tips;
use crate::bytes::{Reader, put_sized, put_slice, put_varint};
use crate::error::{Error, ErrorKind, Result};
use crate::time::Nanotime;
use std::cmp::Ordering;

/// Drones inside drones inside maps: the deepest that a state may go.
pub const MAX_NESTING: usize = 48;

/// What becomes of a dot of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The other side has never seen it: it stays wherever it is.
    Lives,
    /// The other side holds it too, somewhere: it stays where both have it.
    Shared,
    /// The other side has seen it and holds it nowhere: it goes.
    Dead,
}

/// A row of one side: its fate, and its row in the result.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    /// The row in the result's table.
    pub to: u32,
    /// What becomes of it.
    pub fate: Fate,
}

/// One join in progress: the slots of both sides' rows, and which rows of the result have been used.
#[derive(Debug, Default)]
pub struct Join {
    pub(super) ours: Vec<Slot>,
    pub(super) theirs: Vec<Slot>,
    pub(super) used: Vec<bool>,
    pub(super) depth: usize,
    rows: Rows,
    /// The times of the result's rows, where there are [`Rows::All`].
    pub(super) times: Vec<Nanotime>,
    /// Whether a sequence was met that needs [`Rows::All`].
    wants_all_rows: bool,
}

/// Which rows the table of a join has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rows {
    /// Those that something may bear whatever the attributes are.
    #[default]
    Living,
    /// Those of both sides: in a sequence an element may stay as an ancestor where the other side has dropped it.
    All,
}

impl Join {
    /// A join of two states with these slots into one with `rows` rows.
    pub fn new(ours: Vec<Slot>, theirs: Vec<Slot>, rows: usize) -> Self {
        let used = vec![false; rows];
        let (rows, times) = (Rows::Living, Vec::new());
        Join { ours, theirs, used, depth: 0, rows, times, wants_all_rows: false }
    }

    /// Whether it failed for want of [`Rows::All`].
    pub(crate) fn wants_all_rows(&self) -> bool {
        self.wants_all_rows
    }

    pub(super) fn has_all_rows(&self) -> bool {
        self.rows == Rows::All
    }

    #[cold]
    pub(super) fn want_all_rows(&mut self) -> Error {
        self.wants_all_rows = true;
        Error::corrupt("a sequence needs the rows that one side has dropped")
    }

    /// A copy of one state into a table where its rows stand elsewhere, without the dead ones.
    pub fn copy(slots: Vec<Slot>, rows: usize) -> Self {
        Join { rows: Rows::All, ..Self::new(slots, Vec::new(), rows) }
    }

    /// Another join in the same memory: gives the slots of both sides, to be filled.
    pub(super) fn restart(&mut self, rows: Rows) -> (&mut Vec<Slot>, &mut Vec<Slot>) {
        (self.depth, self.rows, self.wants_all_rows) = (0, rows, false);
        self.ours.clear();
        self.theirs.clear();
        self.times.clear();
        (&mut self.ours, &mut self.theirs)
    }

    /// Begins a join, or begins it again, into a table of so many rows.
    pub(super) fn start(&mut self, rows: usize) {
        self.used.clear();
        self.used.resize(rows, false);
    }

    /// The same join again, now that it is known which rows end up unused: they go, and the others move up.
    pub(super) fn without_unused(&mut self) {
        let used = std::mem::take(&mut self.used);
        let mut rows = 0;
        let to = used.iter().map(|used| {
            rows += u32::from(*used);
            rows.saturating_sub(1)
        });
        let to: Vec<u32> = to.collect();
        for slot in self.ours.iter_mut().chain(&mut self.theirs).filter(|slot| slot.fate != Fate::Dead) {
            let row = slot.to as usize;
            *slot = Slot { to: to[row], fate: if used[row] { slot.fate } else { Fate::Dead } };
        }
        self.start(rows as usize);
    }

    /// The slots of ours and of theirs.
    pub fn slots(&self) -> (&[Slot], &[Slot]) {
        (&self.ours, &self.theirs)
    }

    /// Which rows of the result bear an entry so far.
    pub fn used(&self) -> &[bool] {
        &self.used
    }

    /// Joins two bodies of one form, appending the result: no bytes where nothing stays.
    ///
    /// # Errors
    /// [`Corrupt`](ErrorKind::Corrupt) on bytes that are no body of this form,
    /// [`Forked`](ErrorKind::Forked) where one dot wrote two values at one place.
    pub fn body(
        &mut self,
        structure: Structure<'_>,
        ours: &[u8],
        theirs: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<()> {
        if self.same(structure, ours, theirs, out).is_some() {
            return Ok(());
        }
        match structure {
            Structure::Unit => Ok(()),
            Structure::Values => self.values(ours, theirs, out),
            _ if self.depth == MAX_NESTING => Err(too_deep()),
            _ if ours.is_empty() && theirs.is_empty() => Ok(()),
            Structure::Map(child) => self.deeper(|join| join.map(child, ours, theirs, out)),
            Structure::Nested => self.deeper(|join| join.nested(ours, theirs, out)),
            Structure::Sequence(content) => self.sequence(content, ours, theirs, out),
        }
    }

    fn deeper(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    fn values(&mut self, ours: &[u8], theirs: &[u8], out: &mut Vec<u8>) -> Result<()> {
        self.side_by_side(Values::new(ours), Values::new(theirs), |row, value| {
            put_varint(out, u64::from(row));
            out.extend_from_slice(value);
        })
    }

    /// Joins two lists of dots, appending the result; says whether any is left.
    ///
    /// # Errors
    /// As [`Join::body`].
    pub fn dots(&mut self, ours: &[u8], theirs: &[u8], out: &mut Vec<u8>) -> Result<bool> {
        let mut writer = DotsWriter::default();
        if let ([] | [0], [] | [0]) = (ours, theirs) {
            return Ok(writer.end(out));
        }
        let (mut ours, mut theirs) = (Reader::new(ours), Reader::new(theirs));
        self.side_by_side(Dots::new(&mut ours), Dots::new(&mut theirs), |row, ()| writer.put(out, row))?;
        Ok(writer.end(out))
    }

    /// Joins the tips, appending the result: a dot store like any other.
    ///
    /// # Errors
    /// As [`Join::body`].
    pub(crate) fn tips(&mut self, ours: &[u8], theirs: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let start = out.len();
        self.side_by_side(Tips::new(ours)?, Tips::new(theirs)?, |row, deleted| {
            put_varint(out, u64::from(row) << 1 | u64::from(deleted));
        })?;
        // Each side claims to have seen all tips of the other, and not all of its commits.
        if out.len() == start { Err(forked("is seen by what does not lead on from it")) } else { Ok(()) }
    }

    /// Copies tips to where their rows stand.
    ///
    /// # Errors
    /// As [`Join::body`].
    pub(crate) fn move_tips(&mut self, ours: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let mut tips = Tips::new(ours)?;
        while let Some(tip) = tips.next()? {
            let row = slot(&self.ours, tip.row)?.to;
            put_varint(out, u64::from(self.mark(row)) << 1 | u64::from(tip.deleted));
        }
        Ok(())
    }

    /// The heart: what both have stays, and what one has stays unless the other has seen it.
    #[inline]
    fn side_by_side<L: List>(
        &mut self,
        ours: L,
        theirs: L,
        mut put: impl FnMut(u32, L::Entry),
    ) -> Result<()> {
        let Join { ours: slots_a, theirs: slots_b, used, .. } = self;
        let (mut a, mut b) = (Side::new(ours, slots_a), Side::new(theirs, slots_b));
        let mut order = Ordering::Equal;
        loop {
            if order != Ordering::Greater {
                a.advance()?;
            }
            if order != Ordering::Less {
                b.advance()?;
            }
            order = a.to.cmp(&b.to);
            match order {
                Ordering::Equal if a.to == Side::<L>::END => return Ok(()),
                Ordering::Equal if a.entry != b.entry => return Err(forked(L::TWICE)),
                Ordering::Equal => put(mark(used, a.to), a.entry),
                Ordering::Less if a.lives => put(mark(used, a.to), a.entry),
                Ordering::Greater if b.lives => put(mark(used, b.to), b.entry),
                Ordering::Less | Ordering::Greater => {}
            }
        }
    }

    fn map(&mut self, child: Child<'_>, ours: &[u8], theirs: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let leaf = child == Child::Unit;
        let (mut ours, mut theirs) = (Items::new(ours, leaf)?, Items::new(theirs, leaf)?);
        let start = out.len();
        let mut any = self.dots(ours.own, theirs.own, out)?;
        let (mut a, mut b) = (ours.next_or_absent()?, theirs.next_or_absent()?);
        loop {
            let order = match (a.key, b.key) {
                ([], []) => break,
                (_, []) => Ordering::Less,
                ([], _) => Ordering::Greater,
                (x, y) => x.cmp(y),
            };
            let x = if order == Ordering::Greater { &Item::ABSENT } else { &a };
            let y = if order == Ordering::Less { &Item::ABSENT } else { &b };
            any |= self.item(child, x, y, out)?;
            if order != Ordering::Greater {
                a = ours.next_or_absent()?;
            }
            if order != Ordering::Less {
                b = theirs.next_or_absent()?;
            }
        }
        if !any {
            out.truncate(start);
        }
        Ok(())
    }

    /// Joins what two sides have under one key, and leaves the key out where nothing stays; says whether it does.
    ///
    /// # Errors
    /// As [`Join::body`].
    pub fn item(
        &mut self,
        child: Child<'_>,
        ours: &Item<'_>,
        theirs: &Item<'_>,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        let start = out.len();
        out.extend_from_slice(if ours.key.is_empty() { theirs.key } else { ours.key });
        let mut any = self.dots(ours.dots, theirs.dots, out)?;
        if child != Child::Unit {
            let before = out.len();
            put_sized(out, |out| self.body(child.structure(), ours.body, theirs.body, out))?;
            any |= out.len() > before + 1;
        }
        if !any {
            out.truncate(start);
        }
        Ok(any)
    }

    fn nested(&mut self, ours: &[u8], theirs: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let (mut ours, mut theirs) = (Fields::new(ours)?, Fields::new(theirs)?);
        let start = out.len();
        let mut any = self.dots(ours.own, theirs.own, out)?;
        fields_side_by_side(
            || ours.next(),
            || theirs.next(),
            |name, form, a, b| {
                let before = out.len();
                put_slice(out, name.as_bytes());
                out.extend_from_slice(form.as_bytes());
                let head = out.len();
                put_sized(out, |out| self.body(form.structure(), a, b, out))?;
                if out.len() > head + 1 {
                    any = true;
                } else {
                    out.truncate(before);
                }
                Ok(())
            },
        )?;
        if !any {
            out.truncate(start);
        }
        Ok(())
    }

    /// Notes that something in the result bears this row; gives the row back.
    #[inline]
    pub fn mark(&mut self, to: u32) -> u32 {
        mark(&mut self.used, to)
    }
}

#[inline]
fn mark(used: &mut [bool], to: u32) -> u32 {
    if let Some(used) = used.get_mut(to as usize) {
        *used = true;
    }
    to
}

/// Walks two ordered lists of attributes side by side: the body of a side that has none is no bytes.
pub fn fields_side_by_side<'a>(
    mut ours: impl FnMut() -> Result<Option<Field<'a>>>,
    mut theirs: impl FnMut() -> Result<Option<Field<'a>>>,
    mut each: impl FnMut(&'a str, Form<'a>, &'a [u8], &'a [u8]) -> Result<()>,
) -> Result<()> {
    let (mut a, mut b) = (ours()?, theirs()?);
    loop {
        let order = match (&a, &b) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(x), Some(y)) => x.name.cmp(y.name).then_with(|| x.form.cmp(&y.form)),
        };
        let x = a.filter(|_| order != Ordering::Greater);
        let y = b.filter(|_| order != Ordering::Less);
        if let Some(field) = x.or(y) {
            each(field.name, field.form, x.map_or(&[], |x| x.body), y.map_or(&[], |y| y.body))?;
        }
        if order != Ordering::Greater {
            a = ours()?;
        }
        if order != Ordering::Less {
            b = theirs()?;
        }
    }
}

/// What stands at one place of one side: rows in ascending order, each with what it wrote there.
trait List {
    /// What a row wrote.
    type Entry: Copy + Default + PartialEq;
    /// What it means where one row wrote two different ones.
    const TWICE: &'static str;

    fn next(&mut self) -> Result<Option<(u32, Self::Entry)>>;
}

impl<'a> List for Values<'a> {
    type Entry = &'a [u8];
    const TWICE: &'static str = "wrote two different values at one place";

    #[inline(always)]
    fn next(&mut self) -> Result<Option<(u32, &'a [u8])>> {
        Ok(Values::next(self)?.map(|entry| (entry.row, entry.value)))
    }
}

impl List for Dots<'_, '_> {
    type Entry = ();
    const TWICE: &'static str = "is present twice";

    #[inline(always)]
    fn next(&mut self) -> Result<Option<(u32, ())>> {
        Ok(Dots::next(self)?.map(|row| (row, ())))
    }
}

impl List for Tips<'_> {
    type Entry = bool;
    const TWICE: &'static str = "is a write here and a delete there";

    #[inline(always)]
    fn next(&mut self) -> Result<Option<(u32, bool)>> {
        Ok(Tips::next(self)?.map(|tip| (tip.row, tip.deleted)))
    }
}

/// One side of a place, standing at an entry that is not dead, or at the end.
struct Side<'s, L: List> {
    list: L,
    slots: &'s [Slot],
    to: u32,
    lives: bool,
    entry: L::Entry,
}

impl<'s, L: List> Side<'s, L> {
    /// Behind the last row of any table.
    const END: u32 = u32::MAX;

    #[inline]
    fn new(list: L, slots: &'s [Slot]) -> Self {
        Side { list, slots, to: 0, lives: false, entry: L::Entry::default() }
    }

    #[inline(always)]
    fn advance(&mut self) -> Result<()> {
        while let Some((row, entry)) = self.list.next()? {
            let slot = slot(self.slots, row)?;
            if slot.fate != Fate::Dead {
                (self.to, self.lives, self.entry) = (slot.to, slot.fate == Fate::Lives, entry);
                return Ok(());
            }
        }
        self.to = Self::END;
        Ok(())
    }
}

#[inline]
fn slot(slots: &[Slot], row: u32) -> Result<Slot> {
    slots.get(row as usize).copied().ok_or_else(|| Error::corrupt("an entry names no row of the table"))
}

#[cold]
pub(crate) fn forked(how: &str) -> Error {
    Error::new(ErrorKind::Forked, format!("one commit {how}: a copy of its author wrote too"))
}

#[cold]
pub(crate) fn too_deep() -> Error {
    Error::new(ErrorKind::Unsupported, format!("drones nest deeper than {MAX_NESTING}"))
}
