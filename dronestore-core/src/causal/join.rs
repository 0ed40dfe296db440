//! The join: at every place, what both have, and what one has and the other has never seen.
//!
//! It reads the bytes of two bodies side by side and writes the bytes of a third. Values are copied, never
//! decoded; strategies are not known here. Commutative, associative and idempotent because for each dot at
//! each place the question is only: who holds it, and who has seen it.

use super::Context;
use super::form::{Child, Form, Structure};
use super::place::{Dots, DotsWriter, Entry, Field, Fields, Item, Items, Values};
use super::state::Row;
use crate::bytes::{Reader, put_sized, put_slice, put_varint};
use crate::error::{Error, ErrorKind, Result};
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
#[derive(Debug)]
pub struct Join {
    ours: Vec<Slot>,
    theirs: Vec<Slot>,
    pub(super) used: Vec<bool>,
    pub(super) depth: usize,
    /// Whether ours are copied to where they stand, all of them, and there is nothing to join them with.
    unmoved: bool,
}

impl Join {
    /// A join of two states with these slots into one with `rows` rows.
    pub fn new(ours: Vec<Slot>, theirs: Vec<Slot>, rows: usize) -> Self {
        Join { ours, theirs, used: vec![false; rows], depth: 0, unmoved: false }
    }

    /// A copy of one state into a table where its rows stand elsewhere, without the dead ones.
    pub fn copy(slots: Vec<Slot>, rows: usize) -> Self {
        let stays = |(row, slot): (usize, &Slot)| slot.to as usize == row && slot.fate == Fate::Lives;
        let unmoved = slots.iter().enumerate().all(stays);
        Join { unmoved, ..Self::new(slots, Vec::new(), rows) }
    }

    /// The same join again, now that it is known which rows end up unused: they go, and the others move up.
    pub fn without_unused(self) -> Join {
        let to: Vec<u32> = self
            .used
            .iter()
            .scan(0, |next, used| {
                let to = *next;
                *next += u32::from(*used);
                Some(to)
            })
            .collect();
        let moved = |mut slots: Vec<Slot>| {
            for slot in &mut slots {
                if slot.fate != Fate::Dead {
                    let row = slot.to as usize;
                    *slot = Slot { to: to[row], fate: if self.used[row] { slot.fate } else { Fate::Dead } };
                }
            }
            slots
        };
        let rows = self.used.iter().filter(|used| **used).count();
        let (ours, theirs) = (moved(self.ours), moved(self.theirs));
        Join::new(ours, theirs, rows)
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
        if self.unmoved && theirs.is_empty() {
            self.mark_body(structure, ours)?;
            out.extend_from_slice(ours);
            return Ok(());
        }
        match structure {
            Structure::Unit => Ok(()),
            Structure::Values => self.values(ours, theirs, out),
            _ if self.depth == MAX_NESTING => Err(too_deep()),
            _ if ours.is_empty() && theirs.is_empty() => Ok(()),
            Structure::Map(child) => self.deeper(|join| join.map(child, ours, theirs, out)),
            Structure::Nested => self.deeper(|join| join.nested(ours, theirs, out)),
        }
    }

    pub(super) fn deeper(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    fn values(&mut self, ours: &[u8], theirs: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let (mut ours, mut theirs) = (Values::new(ours), Values::new(theirs));
        let (mut a, mut b) = (next_value(&mut ours, &self.ours)?, next_value(&mut theirs, &self.theirs)?);
        loop {
            let order = match (&a, &b) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((x, _)), Some((y, _))) => x.to.cmp(&y.to),
            };
            let kept = match (order, &a, &b) {
                (Ordering::Equal, Some((_, x)), Some((_, y))) if x.value != y.value => {
                    return Err(forked("wrote two different values at one place"));
                }
                (Ordering::Less, Some((slot, _)), _) => slot.fate == Fate::Lives,
                (Ordering::Greater, _, Some((slot, _))) => slot.fate == Fate::Lives,
                _ => true,
            };
            if let (true, Some((slot, entry))) = (kept, if order == Ordering::Greater { &b } else { &a }) {
                put_varint(out, u64::from(self.mark(slot.to)));
                out.extend_from_slice(entry.value);
            }
            if order != Ordering::Greater {
                a = next_value(&mut ours, &self.ours)?;
            }
            if order != Ordering::Less {
                b = next_value(&mut theirs, &self.theirs)?;
            }
        }
    }

    /// Joins two lists of dots, appending the result; says whether any is left.
    ///
    /// # Errors
    /// As [`Join::body`].
    pub fn dots(&mut self, ours: &[u8], theirs: &[u8], out: &mut Vec<u8>) -> Result<bool> {
        let (mut ours, mut theirs) = (Reader::new(ours), Reader::new(theirs));
        let (mut ours, mut theirs) = (Dots::new(&mut ours), Dots::new(&mut theirs));
        let (mut a, mut b) = (next_dot(&mut ours, &self.ours)?, next_dot(&mut theirs, &self.theirs)?);
        let mut writer = DotsWriter::default();
        loop {
            let order = match (&a, &b) {
                (None, None) => return Ok(writer.end(out)),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(x), Some(y)) => x.to.cmp(&y.to),
            };
            let slot = if order == Ordering::Greater { b } else { a };
            if let Some(slot) = slot.filter(|slot| order == Ordering::Equal || slot.fate == Fate::Lives) {
                writer.put(out, self.mark(slot.to));
            }
            if order != Ordering::Greater {
                a = next_dot(&mut ours, &self.ours)?;
            }
            if order != Ordering::Less {
                b = next_dot(&mut theirs, &self.theirs)?;
            }
        }
    }

    fn map(&mut self, child: Child<'_>, ours: &[u8], theirs: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let leaf = child == Child::Unit;
        let (mut ours, mut theirs) = (Items::new(ours, leaf)?, Items::new(theirs, leaf)?);
        let start = out.len();
        let mut any = self.dots(ours.own, theirs.own, out)?;
        let (mut a, mut b) = (ours.next()?, theirs.next()?);
        loop {
            let order = match (&a, &b) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(x), Some(y)) => x.key.cmp(y.key),
            };
            let x = a.filter(|_| order != Ordering::Greater).unwrap_or(Item::ABSENT);
            let y = b.filter(|_| order != Ordering::Less).unwrap_or(Item::ABSENT);
            any |= self.item(child, &x, &y, out)?;
            if order != Ordering::Greater {
                a = ours.next()?;
            }
            if order != Ordering::Less {
                b = theirs.next()?;
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
    pub fn mark(&mut self, to: u32) -> u32 {
        if let Some(used) = self.used.get_mut(to as usize) {
            *used = true;
        }
        to
    }
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

/// The table of a join, and the slots of both sides in it.
///
/// A row of one side alone lives where the other has never seen its dot, and is dead where it has.
///
/// # Errors
/// [`Forked`](ErrorKind::Forked) where one dot has two times: taking either would make the result depend on the side.
pub fn tables(
    ours: (&Context, &[Row]),
    theirs: (&Context, &[Row]),
    joined: &Context,
) -> Result<(Vec<Row>, Vec<Slot>, Vec<Slot>)> {
    let mut table = Vec::with_capacity(ours.1.len() + theirs.1.len());
    let mut slots = (Vec::with_capacity(ours.1.len()), Vec::with_capacity(theirs.1.len()));
    let (lines_a, seen_by_a) = lines(ours.0, joined);
    let (lines_b, seen_by_b) = lines(theirs.0, joined);
    let moved = |row: &Row, lines: &[u32]| Row { actor: lines[row.actor as usize], ..*row };
    let mut put = |row: Row, fate: Fate| {
        if fate != Fate::Dead {
            table.push(row);
        }
        Slot { to: (table.len() as u32).saturating_sub(1), fate }
    };
    let lone = |row: &Row, seen: &[u64]| match row.sequence <= seen[row.actor as usize] {
        true => Fate::Dead,
        false => Fate::Lives,
    };
    let (mut a, mut b) = (ours.1.iter().peekable(), theirs.1.iter().peekable());
    loop {
        let (x, y) = (a.peek().map(|row| moved(row, &lines_a)), b.peek().map(|row| moved(row, &lines_b)));
        match (x, y) {
            (None, None) => break,
            (Some(x), Some(y)) if (x.actor, x.sequence) == (y.actor, y.sequence) => {
                if x.time != y.time {
                    return Err(forked("bears two different times"));
                }
                let slot = put(x, Fate::Shared);
                slots.0.push(slot);
                slots.1.push(slot);
                a.next();
                b.next();
            }
            (Some(x), y) if y.is_none_or(|y| (x.actor, x.sequence) < (y.actor, y.sequence)) => {
                slots.0.push(put(x, lone(&x, &seen_by_b)));
                a.next();
            }
            (_, Some(y)) => {
                slots.1.push(put(y, lone(&y, &seen_by_a)));
                b.next();
            }
            (Some(_), None) => break,
        }
    }
    Ok((table, slots.0, slots.1))
}

/// For each line of a context its line in one that covers it; for each line of that one what this one has seen.
fn lines(context: &Context, joined: &Context) -> (Vec<u32>, Vec<u64>) {
    let mut lines = Vec::with_capacity(context.entries().len());
    let mut own = context.entries().iter().peekable();
    let seen = joined.entries().iter().enumerate().map(|(line, entry)| {
        own.next_if(|seen| seen.actor == entry.actor).map_or(0, |seen| {
            lines.push(line as u32);
            seen.sequence
        })
    });
    let seen = seen.collect();
    (lines, seen)
}

fn next_value<'a>(values: &mut Values<'a>, slots: &[Slot]) -> Result<Option<(Slot, Entry<'a>)>> {
    while let Some(entry) = values.next()? {
        let slot = slot(slots, entry.row)?;
        if slot.fate != Fate::Dead {
            return Ok(Some((slot, entry)));
        }
    }
    Ok(None)
}

fn next_dot(dots: &mut Dots<'_, '_>, slots: &[Slot]) -> Result<Option<Slot>> {
    while let Some(row) = dots.next()? {
        let slot = slot(slots, row)?;
        if slot.fate != Fate::Dead {
            return Ok(Some(slot));
        }
    }
    Ok(None)
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
