//! The state of one object as bytes: tips, time of creation, context, table of dots, attributes.
//!
//! ```text
//! state      := size, tips, content
//! tips       := (row << 1 | deleted)+                     varints, ascending by row
//! content    := created (8 bytes, big endian), size, context, size, table, attributes
//! table      := (actor's line in the context, sequence, zigzag(time - created))*     varints, ascending
//! attributes := (size, bytes)*                            one for each attribute of the shape
//! ```
//!
//! The table names every dot that a tip or an entry bears, and no other; tips and entries hold row numbers.
//! So causality is read without a look at any value, and equal states are equal bytes.

use super::context::{Context, Dot};
use crate::actor::ActorId;
use crate::bytes::{Reader, pass_over, put_sized, put_varint, unzigzag, zigzag};
use crate::error::{Error, Result};
use crate::time::Nanotime;
use smallvec::SmallVec;

/// One dot of the table: a commit that some tip or entry still bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The actor's line in the context.
    pub actor: u32,
    /// Which of the actor's commits.
    pub sequence: u64,
    /// When, by the actor's hybrid clock.
    pub time: Nanotime,
}

/// A commit that nobody has built on yet, by its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tip {
    /// The commit's row in the table.
    pub row: u32,
    /// Whether it deleted the object.
    pub deleted: bool,
}

/// A table's rows: a handful as a rule.
pub type Rows = SmallVec<[Row; 4]>;

/// A state's tips: one, but for what was just merged.
pub type TipList = SmallVec<[Tip; 2]>;

/// A state taken apart as far as causality goes; the attributes are left as bytes.
#[derive(Debug, Clone)]
pub struct State<'a> {
    /// The tips, in the order of their rows.
    pub tips: TipList,
    /// The least stamp of the object's creation.
    pub created: Nanotime,
    /// Which commits have been seen.
    pub context: Context,
    /// The dots that tips and entries bear, in the order of (actor, sequence).
    pub table: Rows,
    /// The attributes' bytes, one sized slice for each of the shape.
    pub attributes: &'a [u8],
}

/// Takes a state's bytes apart into tips and content, without a look into either.
#[inline]
pub fn split(state: &[u8]) -> Result<(&[u8], &[u8])> {
    let mut reader = Reader::new(state);
    let tips = reader.slice()?;
    Ok((tips, reader.rest()))
}

/// The four parts of a content, not looked into.
pub(crate) struct Content<'a> {
    pub(crate) created: Nanotime,
    pub(crate) context: &'a [u8],
    pub(crate) table: &'a [u8],
    pub(crate) attributes: &'a [u8],
}

/// Takes a content's bytes apart; a few nanoseconds.
#[inline]
pub(crate) fn content(bytes: &[u8]) -> Result<Content<'_>> {
    let mut reader = Reader::new(bytes);
    let created = Nanotime::from_nanos(u64::from_be_bytes(reader.array()?));
    let (context, table) = (reader.slice()?, reader.slice()?);
    Ok(Content { created, context, table, attributes: reader.rest() })
}

/// Where the attributes of a state begin; as [`split`] and then [`content`], and nothing else is looked at.
#[inline]
pub(crate) fn attributes_at(state: &[u8]) -> Option<usize> {
    let content = pass_over(state, 0, 1)?;
    pass_over(state, content + size_of::<u64>(), 2).filter(|at| *at <= state.len())
}

/// Reads a table; rows must ascend, and name dots that the context has seen.
pub(crate) fn rows(bytes: &[u8], created: Nanotime, context: Option<&Context>) -> Result<Rows> {
    let mut reader = Reader::new(bytes);
    let mut rows = Rows::new();
    while !reader.is_empty() {
        let row = Row::read(&mut reader, created)?;
        let Row { actor, sequence, .. } = row;
        if let Some(context) = context {
            let seen = context.entries().get(actor as usize).is_some_and(|seen| seen.sequence >= sequence);
            if !seen || sequence == 0 {
                return Err(unseen());
            }
        }
        if rows.last().is_some_and(|last| (last.actor, last.sequence) >= (actor, sequence)) {
            return Err(disordered());
        }
        rows.push(row);
    }
    Ok(rows)
}

impl Row {
    /// Takes one row off the front of the reader.
    #[inline]
    pub(super) fn read(reader: &mut Reader<'_>, created: Nanotime) -> Result<Row> {
        let (actor, sequence) = (reader.varint()?, reader.varint()?);
        let time = created.as_nanos().wrapping_add(unzigzag(reader.varint()?) as u64);
        let actor = u32::try_from(actor).map_err(|_| Error::corrupt("a row names no line of the context"))?;
        Ok(Row { actor, sequence, time: Nanotime::from_nanos(time) })
    }

    #[inline]
    pub(super) fn encode(&self, created: Nanotime, out: &mut Vec<u8>) {
        put_varint(out, u64::from(self.actor));
        put_varint(out, self.sequence);
        put_varint(out, zigzag(self.time.as_nanos().wrapping_sub(created.as_nanos()) as i64));
    }
}

#[cold]
pub(super) fn unseen() -> Error {
    Error::corrupt("a row names a commit that the context has not seen")
}

#[cold]
pub(super) fn disordered() -> Error {
    Error::corrupt("the rows of a table are not in order")
}

impl<'a> State<'a> {
    /// Takes a state apart.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where context, table or tips are not canonical. The attributes
    /// are not looked at.
    ///
    /// Cost: linear in actors and rows.
    pub fn parse(state: &'a [u8]) -> Result<State<'a>> {
        let context = Context::decode(content(split(state)?.1)?.context)?;
        State::parse_with(state, context)
    }

    /// As [`State::parse`], with the context already decoded.
    pub(crate) fn parse_with(state: &'a [u8], context: Context) -> Result<State<'a>> {
        let (tip_bytes, rest) = split(state)?;
        let parts = content(rest)?;
        let table = rows(parts.table, parts.created, Some(&context))?;
        let tips = parse_tips(tip_bytes, table.len())?;
        Ok(State { tips, created: parts.created, context, table, attributes: parts.attributes })
    }

    /// The dot of a row.
    pub fn dot(&self, row: &Row) -> Dot {
        Dot { actor: self.context.entries()[row.actor as usize].actor, sequence: row.sequence }
    }

    /// The rows of an actor.
    pub(crate) fn rows_of(&self, actor: &ActorId) -> impl Iterator<Item = &Row> + Clone {
        let line = self.context.position(actor).ok();
        self.table.iter().filter(move |row| line == Some(row.actor as usize))
    }

    /// The state of an object that is not there yet.
    pub(crate) fn empty() -> State<'static> {
        let (tips, context, table) = (TipList::new(), Context::default(), Rows::new());
        State { tips, created: Nanotime::MAX, context, table, attributes: &[] }
    }

    /// Writes the state; `attributes` is copied as it is.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.attributes.len() + 40 * self.context.entries().len() + 40);
        self.encode_into(&mut out);
        out
    }

    /// As [`State::encode`], behind what the buffer holds.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        put_sized(out, |out| {
            for tip in &self.tips {
                put_varint(out, u64::from(tip.row) << 1 | u64::from(tip.deleted));
            }
        });
        out.extend_from_slice(&self.created.as_nanos().to_be_bytes());
        put_sized(out, |out| self.context.encode(out));
        put_sized(out, |out| self.table.iter().for_each(|row| row.encode(self.created, out)));
        out.extend_from_slice(self.attributes);
    }
}

pub(crate) fn parse_tips(bytes: &[u8], rows: usize) -> Result<TipList> {
    let mut cursor = Tips::new(bytes)?;
    let mut tips = TipList::new();
    while let Some(tip) = cursor.next()? {
        if tip.row as usize >= rows {
            return Err(Error::corrupt("a tip names no row of the table"));
        }
        tips.push(tip);
    }
    Ok(tips)
}

/// The tips of a state, one after another.
#[derive(Debug)]
pub(super) struct Tips<'a> {
    reader: Reader<'a>,
    last: Option<u32>,
}

impl<'a> Tips<'a> {
    /// A cursor over these bytes; a state has a tip.
    #[inline]
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self> {
        if bytes.is_empty() {
            return Err(Error::corrupt("a state has no tips"));
        }
        Ok(Tips { reader: Reader::new(bytes), last: None })
    }

    /// The next tip, if there is one.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<Tip>> {
        if self.reader.is_empty() {
            return Ok(None);
        }
        let number = self.reader.varint()?;
        let row = u32::try_from(number >> 1);
        let row = row.map_err(|_| Error::corrupt("a tip names no row of the table"))?;
        if self.last.is_some_and(|last| last >= row) {
            return Err(Error::corrupt("the tips are not in order"));
        }
        self.last = Some(row);
        Ok(Some(Tip { row, deleted: number & 1 == 1 }))
    }
}
