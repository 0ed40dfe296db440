//! Writing deltas.

use super::{Actors, BITS, DELETED, FULL, NUMBERED, ROWS, STEP, apart};
use crate::actor::ActorId;
use crate::bytes::{put_slice, put_varint};
use crate::causal::place::Field;
use crate::causal::rows::each_row;
use crate::causal::state::{self, Row, State, Tip};
use crate::error::{Error, Result};
use crate::time::Nanotime;
use crate::version::Version;

/// What is known of the way from the version that the other side holds to the one that is told.
#[derive(Debug, Clone, Copy)]
pub struct Written<'w> {
    /// The names of all attributes that were written.
    pub attributes: &'w [&'w str],
    /// In how many steps.
    pub steps: u64,
    /// Whether the one step is one commit, made on the version that the other side holds.
    pub is_commit: bool,
    /// The largest stamp that the sender's clock had given before.
    pub since: Nanotime,
}

/// Writes deltas one after another, all to the same reader.
#[derive(Debug)]
pub struct DeltaWriter {
    actors: Actors,
    attributes: Vec<(Box<str>, Box<[u8]>)>,
    /// The time that the last delta began with.
    time: Nanotime,
}

impl DeltaWriter {
    /// A writer for this sender.
    pub fn new(sender: ActorId) -> Self {
        DeltaWriter { actors: Actors(vec![sender]), attributes: Vec::new(), time: Nanotime::MIN }
    }

    /// Appends what tells this version to whoever holds the one that it came of. What is appended has to be sent, or the
    /// other side would number actors otherwise.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where the version is damaged; nothing is appended then.
    ///
    /// Cost: one walk over the state.
    pub fn put(&mut self, version: &Version, written: &Written<'_>, out: &mut Vec<u8>) -> Result<()> {
        let state = version.state()?;
        let (fields, used) = parted(version, &state, written.attributes)?;
        let rows = state.table.iter().zip(&used).filter(|(_, used)| !**used).map(|(row, _)| row);
        let head = (fields.len() as u64) << BITS;
        match self.plain(&state, written.steps) {
            Some((sequence, tag, tip)) => {
                let tip_row = state.table[tip.row as usize];
                let rows: Vec<&Row> = rows.filter(|row| **row != tip_row).collect();
                let is_step = written.steps == 1 && written.is_commit;
                let bits = bit(DELETED, tip.deleted) | bit(ROWS, !rows.is_empty()) | bit(STEP, is_step);
                put_varint(out, head | bits);
                if !is_step {
                    put_varint(out, sequence);
                    out.extend_from_slice(&tag);
                }
                put_varint(out, apart(tip_row.time, self.time));
                self.time = tip_row.time;
                // All others are in the base, which has seen them.
                let sender = self.actors.0[0];
                let is_new = |actor: &ActorId, row: &Row| *actor == sender && row.time > written.since;
                self.rows(&state, &rows, is_new, out);
            }
            None => {
                let rows: Vec<&Row> = rows.collect();
                put_varint(out, head | bit(ROWS, !rows.is_empty()) | FULL);
                put_varint(out, apart(state.created, self.time));
                self.time = state.created;
                self.origin(&state, out);
                self.rows(&state, &rows, |_, _| true, out);
            }
        }
        fields.iter().for_each(|field| self.attribute(field, out));
        Ok(())
    }

    /// How many bytes stand in these attributes.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where the version is damaged.
    ///
    /// Cost: a look at each attribute's length.
    pub fn length(version: &Version, attributes: &[&str]) -> Result<usize> {
        let (_, content) = state::split(version.state_bytes())?;
        let mut fields = version.shape.fields(state::content(content)?.attributes);
        let mut length = 0;
        while let Some(field) = fields.next()? {
            length += if attributes.contains(&field.name) { field.body.len() } else { 0 };
        }
        Ok(length)
    }

    /// The sender's line and the tip, where the sender's commits are all that is new.
    fn plain(&self, state: &State<'_>, steps: u64) -> Option<(u64, [u8; 4], Tip)> {
        let [tip] = state.tips[..] else { return None };
        let row = state.table.get(tip.row as usize)?;
        let seen = state.context.entries().get(row.actor as usize)?;
        let is_last =
            seen.actor == self.actors.0[0] && seen.sequence == row.sequence && row.time > state.created;
        // In several steps others may have written too, if there are others.
        let is_alone = steps == 1 || state.context.entries().len() == 1;
        (is_last && is_alone).then_some((seen.sequence, seen.tag, tip))
    }

    /// Context and tips.
    fn origin(&mut self, state: &State<'_>, out: &mut Vec<u8>) {
        put_varint(out, state.context.entries().len() as u64);
        for seen in state.context.entries() {
            self.actor(&seen.actor, out);
            put_varint(out, seen.sequence);
            out.extend_from_slice(&seen.tag);
        }
        put_varint(out, state.tips.len() as u64);
        for tip in &state.tips {
            let dot = state.dot(&state.table[tip.row as usize]);
            self.actor(&dot.actor, out);
            put_varint(out, dot.sequence << 1 | u64::from(tip.deleted));
        }
    }

    fn rows(
        &mut self,
        state: &State<'_>,
        rows: &[&Row],
        is_new: impl Fn(&ActorId, &Row) -> bool,
        out: &mut Vec<u8>,
    ) {
        if rows.is_empty() {
            return;
        }
        put_varint(out, rows.len() as u64);
        for row in rows {
            let dot = state.dot(row);
            let timed = is_new(&dot.actor, row);
            self.actor(&dot.actor, out);
            put_varint(out, dot.sequence << 1 | u64::from(timed));
            if timed {
                put_varint(out, apart(row.time, self.time));
            }
        }
    }

    fn actor(&mut self, actor: &ActorId, out: &mut Vec<u8>) {
        match self.actors.0.iter().position(|known| known == actor) {
            Some(number) => put_varint(out, number as u64 + 1),
            None => {
                out.push(0);
                out.extend_from_slice(actor.as_bytes());
                self.actors.learn(*actor);
            }
        }
    }

    fn attribute(&mut self, field: &Field<'_>, out: &mut Vec<u8>) {
        let form = field.form.as_bytes();
        let is_it = |known: &(Box<str>, Box<[u8]>)| *known.0 == *field.name && *known.1 == *form;
        match self.attributes.iter().position(is_it) {
            Some(number) => put_varint(out, number as u64 + 1),
            None => {
                out.push(0);
                put_slice(out, field.name.as_bytes());
                out.extend_from_slice(form);
                if self.attributes.len() < NUMBERED {
                    self.attributes.push((field.name.into(), form.into()));
                }
            }
        }
        put_slice(out, field.body);
    }
}

fn bit(bit: u64, is_set: bool) -> u64 {
    if is_set { bit } else { 0 }
}

/// The attributes that were written, and which rows the others bear.
fn parted<'v>(
    version: &'v Version,
    state: &State<'v>,
    written: &[&str],
) -> Result<(Vec<Field<'v>>, Vec<bool>)> {
    let (mut fields, mut used) = (Vec::new(), vec![false; state.table.len()]);
    let mut all = version.shape.fields(state.attributes);
    while let Some(field) = all.next()? {
        if written.contains(&field.name) {
            fields.push(field);
        } else {
            bear(&field, &mut used)?;
        }
    }
    Ok((fields, used))
}

/// Notes the rows that an attribute bears.
pub(super) fn bear(field: &Field<'_>, used: &mut [bool]) -> Result<()> {
    let mut all = true;
    each_row(field.form.structure(), field.body, 0, &mut |row, _| match used.get_mut(row as usize) {
        Some(used) => *used = true,
        None => all = false,
    })?;
    if all { Ok(()) } else { Err(Error::corrupt("an entry names no row of the table")) }
}
