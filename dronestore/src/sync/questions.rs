//! What the caller still has to find out: ranges to compare, and those known to differ.

use super::frame::Outgoing;
use super::message::kind;
use super::ranges::{Index, Row, Span, all};
use super::walk::id;
use crate::repo::{decisions_kind, rows};
use dronestore_core::Result;
use dronestore_core::bytes::put_varint;
use std::collections::VecDeque;

/// How many rows a list has at most, and how many bytes where it has more than one.
pub(crate) const LIST: u64 = 32;
const LIST_BYTES: usize = 4 << 10;
/// How many questions are put in one turn.
pub(crate) const MOST_QUESTIONS: usize = 1024;

/// A range that something has to be asked about.
enum Open {
    /// It may be the same on both sides.
    Unknown(Span),
    /// It is not, or is not thought to be.
    Differs(Span),
}

/// The open questions of a session, and those that wait for their answer.
#[derive(Default)]
pub(crate) struct Questions {
    /// Whether the first ones are still to be thought of.
    is_new: bool,
    /// The next one last.
    open: Vec<Open>,
    asked: VecDeque<Span>,
}

impl Questions {
    /// There is a difference somewhere.
    pub(crate) fn begin(&mut self) {
        self.is_new = true;
    }

    /// Nothing has to be asked.
    pub(crate) fn end(&mut self) {
        self.is_new = false;
    }

    /// Whether there is anything to ask.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty() && !self.is_new
    }

    /// Whether every question has its answer.
    pub(crate) fn are_answered(&self) -> bool {
        self.asked.is_empty()
    }

    /// The range that the next answer is about.
    pub(crate) fn answered(&mut self) -> Option<Span> {
        self.asked.pop_front()
    }

    /// A range is not the same on both sides.
    pub(crate) fn differs(&mut self, span: Span) {
        self.open.push(Open::Differs(span));
    }

    /// Puts the next question, or the questions about the parts of a range; gives how many.
    pub(crate) fn ask(&mut self, index: &Index, out: &mut Outgoing) -> Result<usize> {
        if std::mem::take(&mut self.is_new) {
            self.think(index)?;
        }
        match self.open.pop() {
            None => Ok(0),
            Some(Open::Unknown(span)) => {
                self.check(span, out);
                Ok(1)
            }
            Some(Open::Differs(span)) => match list(index, &span)? {
                Some(list) => {
                    exchange(&span, &list, out);
                    Ok(1)
                }
                None => {
                    let parts = index.split(&span)?;
                    let count = parts.len();
                    parts.into_iter().for_each(|part| self.check(part, out));
                    Ok(count)
                }
            },
        }
    }

    /// The first questions. Decisions come before what they decide about, schemas next, then the rest, of which the
    /// larger part is surely where the difference is.
    fn think(&mut self, index: &Index) -> Result<()> {
        let [start, end] = all();
        let (schemas, heads) = (rows::all(rows::SCHEMAS), rows::all(rows::HEADS));
        let decisions = rows::heads_of_kind(decisions_kind());
        debug_assert_eq!((&start, &end), (&schemas.start, &heads.end));
        let before = index.span(&heads.start, &decisions.start)?;
        let behind = index.span(&decisions.end, &heads.end)?;
        let (larger, smaller) =
            if before.sum().count() >= behind.sum().count() { (before, behind) } else { (behind, before) };
        self.open.push(Open::Differs(larger));
        let others = [
            smaller,
            index.span(&schemas.start, &heads.start)?,
            index.span(&decisions.start, &decisions.end)?,
        ];
        // Where there is nothing, a list of it is shorter than its fingerprint.
        let open = |span: Span| match span.sum().count() {
            0 => Open::Differs(span),
            _ => Open::Unknown(span),
        };
        self.open.extend(others.map(open));
        Ok(())
    }

    fn check(&mut self, span: Span, out: &mut Outgoing) {
        let mut entry = out.entry(kind::CHECK);
        entry.row(&span.start.bound);
        entry.row(&span.end.bound);
        entry.out.extend_from_slice(&span.sum().fingerprint());
        self.asked.push_back(span);
    }
}

/// The rows of a range, if they are few enough for a list.
pub(crate) fn list(index: &Index, span: &Span) -> Result<Option<Vec<Row>>> {
    let count = span.sum().count();
    if count > LIST {
        return Ok(None);
    }
    let (mut list, mut bytes) = (Vec::new(), 0);
    let mut rows = index.rows(&span.start.bound, &span.end.bound)?;
    while let Some(row) = rows.next()? {
        bytes += row.row.len() + 12;
        list.push(row);
    }
    Ok((bytes <= LIST_BYTES || count <= 1).then_some(list))
}

/// Writes a list behind its length.
pub(crate) fn put_list(list: &[Row], entry: &mut super::frame::Entry<'_>) {
    for row in list {
        entry.row(&row.row);
        entry.out.extend_from_slice(&id(&row.hash));
    }
}

fn exchange(span: &Span, list: &[Row], out: &mut Outgoing) {
    let mut entry = out.entry(kind::EXCHANGE);
    entry.row(&span.start.bound);
    entry.row(&span.end.bound);
    put_varint(entry.out, list.len() as u64);
    put_list(list, &mut entry);
}
