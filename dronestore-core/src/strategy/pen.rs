//! The pen: the attributes of a commit in the making, and where in them the numbers of rows stand.
//!
//! While a commit is written, rows go by the head's numbers, and the commit's own row by the number after the
//! last of them; so what is kept is copied as it is. Only at the end it is known which rows anything bears: those
//! take their final places, and the numbers are set right where they stand.

use super::Scene;
use crate::bytes::{Reader, put_slice, put_varint};
use crate::causal::Structure;
use crate::causal::form::Child;
use crate::causal::join::{Fate, Join, Slot};
use crate::causal::place::{Dots, DotsWriter, Item};
use crate::causal::rows::{Spot, each_row, each_row_of_item, each_row_of_runs};
use crate::causal::sequence::{Content, Run, RunWriter, Stem};
use crate::error::{Error, Result};
use smallvec::SmallVec;
use std::cell::Cell;

/// The most rows for which each takes one byte: a dot is `(row + 1) << 1 | more`, below 128.
const MOST_ROWS: usize = 63;

/// Buffers larger than this are not kept.
const KEPT: usize = 1 << 18;

thread_local! {
    // Memory and nothing else: the buffers of the commit before, emptied.
    static BUFFERS: Cell<(Vec<u8>, Vec<u8>)> = const { Cell::new((Vec::new(), Vec::new())) };
}

/// What one commit writes with.
#[derive(Debug)]
pub(crate) struct Pen {
    /// The attributes' bytes.
    pub(crate) out: Vec<u8>,
    borne: Borne,
    /// Copies what is left of the head where the writer takes away all it has seen; made when first needed.
    unseen: Option<Join>,
    /// Whether it is only asked what would be written, so that it does not count what bears which row.
    pub(crate) only_asks: bool,
    /// Whether anything was written since this was last set to false.
    pub(crate) changed: bool,
    /// What was asked for and not recorded, with the reason.
    pub(crate) notes: Vec<String>,
    /// Whether every field will read as the value that was written: nothing was left out or stands beside it.
    pub(crate) reads_as_written: bool,
    /// A buffer for encoding, kept for its memory.
    pub(crate) scratch: Vec<u8>,
}

/// Which rows are borne by something, and where.
#[derive(Debug)]
struct Borne {
    used: SmallVec<[bool; 16]>,
    /// Where the rows' numbers stand, ascending; kept while each takes one byte.
    spots: SmallVec<[Spot; 16]>,
    /// Whether a number was met that is no row's.
    stray: bool,
}

impl Borne {
    #[inline]
    fn mark(&mut self, row: u32) {
        match self.used.get_mut(row as usize) {
            Some(used) => *used = true,
            None => self.stray = true,
        }
    }

    #[inline]
    fn note(&mut self, row: u32, spot: Spot) {
        self.mark(row);
        if self.used.len() <= MOST_ROWS {
            self.spots.push(spot);
        }
    }
}

impl Pen {
    /// A pen for the rows of this scene.
    pub(crate) fn new(scene: &Scene<'_>) -> Pen {
        let used = SmallVec::from_elem(false, scene.own() as usize + 1);
        let (out, scratch) = BUFFERS.try_with(Cell::take).unwrap_or_default();
        Pen {
            out,
            borne: Borne { used, spots: SmallVec::new(), stray: false },
            unseen: None,
            only_asks: false,
            changed: false,
            notes: Vec::new(),
            reads_as_written: true,
            scratch,
        }
    }

    /// Notes that something outside the attributes bears a row.
    pub(crate) fn mark(&mut self, row: u32) {
        if let Some(used) = self.borne.used.get_mut(row as usize) {
            *used = true;
        }
    }

    /// Whether anything bears a row.
    pub(crate) fn is_used(&self, row: u32) -> bool {
        self.borne.used.get(row as usize).copied().unwrap_or(false)
    }

    /// Writes a row's number in front of a value.
    #[inline]
    pub(crate) fn put_row(&mut self, row: u32) {
        self.borne.note(row, Spot::of_value(self.out.len()));
        put_varint(&mut self.out, u64::from(row));
    }

    /// Writes a row's number into a list of dots.
    #[inline]
    pub(crate) fn put_dot(&mut self, dots: &mut DotsWriter, row: u32) {
        self.borne.note(row, Spot::of_dot(self.out.len()));
        dots.put(&mut self.out, row);
    }

    /// Copies a body of the head as it is.
    pub(crate) fn copy(&mut self, structure: Structure<'_>, body: &[u8]) -> Result<()> {
        let at = self.out.len();
        self.out.extend_from_slice(body);
        if self.only_asks {
            return Ok(());
        }
        each_row(structure, body, at, &mut |row, spot| self.borne.note(row, spot))
    }

    /// Copies a list of dots of the head as it is; says whether it holds any.
    pub(crate) fn copy_dots(&mut self, dots: &[u8]) -> Result<bool> {
        let mut reader = Reader::new(dots);
        let mut dots = Dots::new(&mut reader);
        let mut writer = DotsWriter::default();
        while let Some(row) = dots.next()? {
            self.put_dot(&mut writer, row);
        }
        Ok(writer.end(&mut self.out))
    }

    /// Copies an item of the head, key and dots and what stands below, as it is; nothing of one that is absent.
    pub(crate) fn copy_item(&mut self, child: Child<'_>, item: &Item<'_>) -> Result<()> {
        if item.key.is_empty() {
            return Ok(());
        }
        let at = self.out.len();
        self.out.extend_from_slice(item.key);
        self.out.extend_from_slice(item.dots);
        if child != Child::Unit {
            put_slice(&mut self.out, item.body);
        }
        self.note_item(child, at)
    }

    /// Copies what is left of an item of the head when all that the writer has seen of it is taken away.
    pub(crate) fn copy_unseen(&mut self, scene: &Scene<'_>, child: Child<'_>, item: &Item<'_>) -> Result<()> {
        let at = self.out.len();
        let unseen = self.unseen.get_or_insert_with(|| {
            let fate = |row| if scene.has_seen(row) { Fate::Dead } else { Fate::Lives };
            let slots = (0..scene.own()).map(|row| Slot { to: row, fate: fate(row) });
            Join::copy(slots.collect(), scene.own() as usize)
        });
        if unseen.item(child, item, &Item::ABSENT, &mut self.out)? {
            self.note_item(child, at)?;
        }
        Ok(())
    }

    /// Notes the rows of an item that was written from `at` on.
    fn note_item(&mut self, child: Child<'_>, at: usize) -> Result<()> {
        let Pen { out, borne, .. } = self;
        each_row_of_item(child, &out[at..], at, &mut |row, spot| borne.note(row, spot))
    }

    /// Writes the runs of a sequence, behind its own dots.
    pub(crate) fn put_runs(&mut self, content: Content, runs: &[Run<'_>]) -> Result<()> {
        let at = self.out.len();
        let mut writer = RunWriter::new(content);
        runs.iter().for_each(|run| writer.put(&mut self.out, *run));
        writer.end(&mut self.out);
        let has_few_rows = self.has_few_rows();
        let Pen { out, borne, .. } = self;
        if has_few_rows {
            return each_row_of_runs(content, &out[at..], at, &mut |row, spot| borne.note(row, spot));
        }
        for run in runs {
            borne.mark(run.id.row);
            if let Stem::Left(id) | Stem::Right(id) = run.stem {
                borne.mark(id.row);
            }
        }
        Ok(())
    }

    /// Takes back what was written from `at` on. What it bore stays marked: what is written instead bears it too.
    pub(crate) fn truncate(&mut self, at: usize) {
        self.out.truncate(at);
        while self.borne.spots.last().is_some_and(|spot| spot.at() >= at) {
            self.borne.spots.pop();
        }
    }

    /// Begins a body whose size is to stand in front of it.
    #[inline]
    pub(crate) fn begin_sized(&mut self) -> Begun {
        self.out.push(0);
        Begun { at: self.out.len(), spots: self.borne.spots.len() }
    }

    /// Ends such a body; gives its size.
    #[inline]
    pub(crate) fn end_sized(&mut self, begun: &Begun) -> usize {
        let size = self.out.len() - begun.at;
        if size < 0x80 {
            self.out[begun.at - 1] = size as u8;
        } else {
            self.widen(begun, size);
        }
        size
    }

    #[cold]
    fn widen(&mut self, begun: &Begun, size: usize) {
        let mut head = Vec::with_capacity(5);
        put_varint(&mut head, size as u64);
        for spot in &mut self.borne.spots[begun.spots..] {
            *spot = spot.moved(head.len() - 1);
        }
        self.out.splice(begun.at - 1..begun.at, head);
    }

    /// Whether each row's number takes one byte, so that [`Pen::renumber`] leaves every length as it is.
    pub(crate) fn has_few_rows(&self) -> bool {
        self.borne.used.len() <= MOST_ROWS
    }

    /// Whether every row that something bears stands where it is to stand.
    ///
    /// # Errors
    /// As [`Pen::renumber`].
    pub(crate) fn is_in_place(&self, to: &[u32]) -> Result<bool> {
        self.refuse_stray()?;
        let mut each = (0..).zip(&self.borne.used).zip(to);
        Ok(each.all(|((row, used), to)| !used || row == *to))
    }

    fn refuse_stray(&self) -> Result<()> {
        match self.borne.stray {
            true => Err(Error::corrupt("an entry names no row of the table")),
            false => Ok(()),
        }
    }

    /// Sets the numbers of all rows right where they stand; `to` has one for each row that something bears.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where the head's bytes named a row that it does not have.
    pub(crate) fn renumber(&mut self, to: &[u32]) -> Result<()> {
        self.refuse_stray()?;
        for spot in &self.borne.spots {
            let byte = &mut self.out[spot.at()];
            *byte = match spot.is_dot() {
                false => to[usize::from(*byte)] as u8,
                true => (to[usize::from(*byte >> 1) - 1] as u8 + 1) << 1 | *byte & 1,
            };
        }
        Ok(())
    }
}

impl Drop for Pen {
    fn drop(&mut self) {
        let (mut out, mut scratch) = (std::mem::take(&mut self.out), std::mem::take(&mut self.scratch));
        if out.capacity() <= KEPT && scratch.capacity() <= KEPT {
            out.clear();
            scratch.clear();
            let _gone_with_its_thread = BUFFERS.try_with(|kept| kept.set((out, scratch)));
        }
    }
}

/// A body that was begun with its size in front.
#[derive(Debug)]
pub(crate) struct Begun {
    at: usize,
    spots: usize,
}
