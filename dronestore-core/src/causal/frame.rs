//! The frame of a join: the context and the table of both sides together, and where each side's rows stand in them.

use super::context::side_by_side;
use super::join::{Fate, Join, Rows, Slot, forked};
use super::state::{Content, Row, disordered, unseen};
use crate::bytes::{Reader, put_sized, put_slice};
use crate::error::Result;
use crate::time::Nanotime;
use std::cmp::Ordering;

/// The context and the table of a joined state. Kept for its memory from one join to the next.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    created: Nanotime,
    context: Vec<u8>,
    table: Vec<Row>,
    ours: Vec<Line>,
    theirs: Vec<Line>,
}

/// A line of one side's context.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// The actor's line in the result's context.
    to: u32,
    /// How many of the actor's commits this side has seen.
    seen: u64,
    /// How many the other side has seen.
    other: u64,
}

impl Frame {
    /// Joins contexts and tables, and tells the join where the rows of each side stand.
    ///
    /// A row of one side alone lives where the other has never seen its dot, and is dead where it has; the table has
    /// the dead too where all rows are asked for.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where context or table of a side are not canonical,
    /// [`Forked`](crate::ErrorKind::Forked) where one dot has two times: taking either would make the result
    /// depend on the side.
    pub(crate) fn join(
        &mut self,
        ours: &Content<'_>,
        theirs: &Content<'_>,
        rows: Rows,
        join: &mut Join,
    ) -> Result<()> {
        self.created = ours.created.min(theirs.created);
        self.join_contexts(ours.context, theirs.context)?;
        self.join_tables(ours, theirs, rows, join)?;
        join.start(self.table.len());
        if rows == Rows::All {
            join.times.extend(self.table.iter().map(|row| row.time));
        }
        Ok(())
    }

    fn join_contexts(&mut self, ours: &[u8], theirs: &[u8]) -> Result<()> {
        let Frame { context, ours: lines_a, theirs: lines_b, .. } = self;
        context.clear();
        lines_a.clear();
        lines_b.clear();
        let mut to = 0;
        side_by_side(ours, theirs, |a, b| {
            let (x, y) = (a.map_or(0, |a| a.sequence), b.map_or(0, |b| b.sequence));
            if a.is_some() {
                lines_a.push(Line { to, seen: x, other: y });
            }
            if b.is_some() {
                lines_b.push(Line { to, seen: y, other: x });
            }
            if let Some(newest) = if y > x { b } else { a } {
                context.extend_from_slice(newest.bytes);
            }
            to += 1;
            Ok(())
        })
    }

    fn join_tables(
        &mut self,
        ours: &Content<'_>,
        theirs: &Content<'_>,
        rows: Rows,
        join: &mut Join,
    ) -> Result<()> {
        let Frame { table, ours: lines_a, theirs: lines_b, .. } = self;
        let (slots_a, slots_b) = join.restart(rows);
        table.clear();
        let (mut a, mut b) = (Cursor::new(ours, lines_a), Cursor::new(theirs, lines_b));
        let mut order = Ordering::Equal;
        loop {
            if order != Ordering::Greater {
                a.advance()?;
            }
            if order != Ordering::Less {
                b.advance()?;
            }
            order = a.dot().cmp(&b.dot());
            let (row, fate) = match order {
                Ordering::Equal if a.row.actor == Cursor::END => return Ok(()),
                Ordering::Equal if a.row.time != b.row.time => {
                    return Err(forked("bears two different times"));
                }
                Ordering::Equal => (a.row, Fate::Shared),
                Ordering::Less => (a.row, a.alone),
                Ordering::Greater => (b.row, b.alone),
            };
            let slot = Slot { to: table.len() as u32, fate };
            if order != Ordering::Greater {
                slots_a.push(slot);
            }
            if order != Ordering::Less {
                slots_b.push(slot);
            }
            if fate != Fate::Dead || rows == Rows::All {
                table.push(row);
            }
        }
    }

    /// Takes the rows out that turned out to be borne by nothing.
    pub(crate) fn without_unused(&mut self, join: &mut Join) {
        let mut used = join.used().iter();
        self.table.retain(|_| used.next().is_some_and(|used| *used));
        join.without_unused();
    }

    /// As [`Frame::without_unused`], for a join that is done: gives the copy that moves its result to the rows that stay.
    pub(crate) fn settle(&mut self, join: &Join) -> Join {
        let (mut slots, mut to) = (Vec::with_capacity(join.used().len()), 0);
        for used in join.used() {
            slots.push(Slot { to, fate: if *used { Fate::Lives } else { Fate::Dead } });
            to += u32::from(*used);
        }
        let mut used = join.used().iter();
        self.table.retain(|_| used.next().is_some_and(|used| *used));
        Join::copy(slots, to as usize)
    }

    /// Appends the time of creation, the context and the table.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.created.as_nanos().to_be_bytes());
        put_slice(out, &self.context);
        put_sized(out, |out| self.table.iter().for_each(|row| row.encode(self.created, out)));
    }
}

/// A cursor over the rows of one side, standing at one of them or at the end.
struct Cursor<'r> {
    reader: Reader<'r>,
    created: Nanotime,
    lines: &'r [Line],
    last: (u32, u64),
    /// The row, with its actor's line in the result.
    row: Row,
    /// What becomes of it if the other side does not hold it.
    alone: Fate,
}

impl<'r> Cursor<'r> {
    /// Behind the last line of any context.
    const END: u32 = u32::MAX;

    /// A cursor before the first row.
    fn new(side: &Content<'r>, lines: &'r [Line]) -> Self {
        let row = Row { actor: 0, sequence: 0, time: Nanotime::MIN };
        let (reader, created) = (Reader::new(side.table), side.created);
        Cursor { reader, created, lines, last: (0, 0), row, alone: Fate::Dead }
    }

    #[inline]
    fn dot(&self) -> (u32, u64) {
        (self.row.actor, self.row.sequence)
    }

    /// Goes on to the next row; they must ascend, and name dots that the side has seen.
    #[inline(always)]
    fn advance(&mut self) -> Result<()> {
        if self.reader.is_empty() {
            (self.row.actor, self.row.sequence) = (Self::END, 0);
            return Ok(());
        }
        let row = Row::read(&mut self.reader, self.created)?;
        let line = self.lines.get(row.actor as usize).ok_or_else(unseen)?;
        if row.sequence == 0 || row.sequence > line.seen {
            return Err(unseen());
        }
        if self.last >= (row.actor, row.sequence) {
            return Err(disordered());
        }
        self.last = (row.actor, row.sequence);
        self.alone = if row.sequence <= line.other { Fate::Dead } else { Fate::Lives };
        self.row = Row { actor: line.to, ..row };
        Ok(())
    }
}
