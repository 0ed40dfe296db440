//! Reading deltas, and rebuilding versions by them.

use super::write::bear;
use super::{Actors, BITS, DELETED, FULL, NUMBERED, ROWS, STEP, plus};
use crate::actor::ActorId;
use crate::bytes::{Reader, put_sized, put_slice};
use crate::causal::check::Check;
use crate::causal::form::MAX_NAME;
use crate::causal::join::{Fate, Join, Slot};
use crate::causal::place::Field;
use crate::causal::state::{Row, Rows, State, Tip, TipList};
use crate::causal::{Context, Dot, Form, Seen};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::time::Nanotime;
use crate::version::commit::next_sequence;
use crate::version::{Commit, ShapeBuilder, Version, commit_hash};
use smallvec::SmallVec;
use std::sync::Arc;

/// How much longer than before a version becomes by a commit, beside its attributes, as a rule.
const ROOM: usize = 192;

/// A version as what differs from a base: read, and not yet believed.
#[derive(Debug, Clone)]
pub struct Delta {
    /// The commit on the base that it is, if it is one: whose, when, whether it deleted.
    pub(super) step: Option<(ActorId, Nanotime, bool)>,
    /// What it says of itself, if it is none.
    pub(super) origin: Origin,
    /// Ascending by name and form.
    pub(super) attributes: Vec<(Arc<Head>, Box<[u8]>)>,
}

/// What a version has beside its attributes.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// `None` where it is the base's.
    pub(super) created: Option<Nanotime>,
    /// The lines of the context that are not those of the base.
    pub(super) lines: SmallVec<[Seen; 1]>,
    pub(super) tips: SmallVec<[(Dot, bool); 1]>,
    /// Rows that the attributes of the base do not bear; without a time they are of the base's table.
    pub(super) rows: SmallVec<[(Dot, Option<Nanotime>); 2]>,
}

/// The name and the form of an attribute.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) name: Box<str>,
    pub(super) form: Box<[u8]>,
}

impl Head {
    fn field<'h>(&'h self, body: &'h [u8]) -> Field<'h> {
        Field { name: &self.name, form: Form::trusted(&self.form), body }
    }
}

/// Reads deltas one after another, all of one writer.
#[derive(Debug)]
pub struct DeltaReader {
    actors: Actors,
    attributes: Vec<Arc<Head>>,
    time: Nanotime,
}

impl DeltaReader {
    /// A reader of what this sender writes.
    pub fn new(sender: ActorId) -> Self {
        DeltaReader { actors: Actors(vec![sender]), attributes: Vec::new(), time: Nanotime::MIN }
    }

    /// Takes the next delta off the front.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt), [`Unsupported`](crate::ErrorKind::Unsupported) for a form of a later
    /// version. The reader is of no use then.
    ///
    /// Cost: linear in the bytes that it takes, and so is the memory.
    pub fn take(&mut self, reader: &mut Reader<'_>) -> Result<Delta> {
        let head = reader.varint()?;
        let (mut lines, mut tips, mut rows) = (SmallVec::new(), SmallVec::new(), SmallVec::new());
        let mut step = None;
        let created = if head & FULL == 0 && head & STEP != 0 {
            self.time = plus(self.time, reader.varint()?);
            step = Some((self.actors.0[0], self.time, head & DELETED != 0));
            None
        } else if head & FULL == 0 {
            let (actor, sequence, tag) = (self.actors.0[0], reader.varint()?, reader.array()?);
            self.time = plus(self.time, reader.varint()?);
            let dot = Dot { actor, sequence };
            lines.push(Seen { actor, sequence, tag });
            tips.push((dot, head & DELETED != 0));
            rows.push((dot, Some(self.time)));
            None
        } else {
            self.time = plus(self.time, reader.varint()?);
            for _ in 0..reader.varint()? {
                let (actor, sequence, tag) = (self.actor(reader)?, reader.varint()?, reader.array()?);
                lines.push(Seen { actor, sequence, tag });
            }
            for _ in 0..reader.varint()? {
                let (actor, bits) = (self.actor(reader)?, reader.varint()?);
                tips.push((Dot { actor, sequence: bits >> 1 }, bits & 1 == 1));
            }
            Some(self.time)
        };
        if head & ROWS != 0 {
            for _ in 0..reader.varint()? {
                let (actor, bits) = (self.actor(reader)?, reader.varint()?);
                let time = if bits & 1 == 1 { Some(plus(self.time, reader.varint()?)) } else { None };
                rows.push((Dot { actor, sequence: bits >> 1 }, time));
            }
        }
        let mut attributes: Vec<(Arc<Head>, Box<[u8]>)> = Vec::new();
        for _ in 0..head >> BITS {
            let head = self.attribute(reader)?;
            let order = |head: &Head| (head.name.clone(), head.form.clone());
            if attributes.last().is_some_and(|(last, _)| order(last) >= order(&head)) {
                return Err(Error::corrupt("the attributes of a delta are not in order"));
            }
            attributes.push((head, reader.slice()?.into()));
        }
        Ok(Delta { step, origin: Origin { created, lines, tips, rows }, attributes })
    }

    fn actor(&mut self, reader: &mut Reader<'_>) -> Result<ActorId> {
        match reader.length()?.checked_sub(1) {
            Some(number) => {
                let missing = || Error::corrupt("a delta names an actor who was not named before");
                self.actors.0.get(number).copied().ok_or_else(missing)
            }
            None => {
                let actor = ActorId::from_bytes(reader.array()?);
                self.actors.learn(actor);
                Ok(actor)
            }
        }
    }

    fn attribute(&mut self, reader: &mut Reader<'_>) -> Result<Arc<Head>> {
        if let Some(number) = reader.length()?.checked_sub(1) {
            let missing = || Error::corrupt("a delta names an attribute that was not named before");
            return self.attributes.get(number).cloned().ok_or_else(missing);
        }
        let name = reader.text()?;
        if name.len() > MAX_NAME {
            return Err(Error::corrupt("the name of an attribute is longer than 255 bytes"));
        }
        let form = Form::split(reader)?;
        let head = Arc::new(Head { name: name.into(), form: form.as_bytes().into() });
        if self.attributes.len() < NUMBERED {
            self.attributes.push(head.clone());
        }
        Ok(head)
    }
}

/// An attribute, and whether it was written.
type Part<'f> = (Field<'f>, bool);

impl Delta {
    /// The names of the attributes that were written.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|(head, _)| &*head.name)
    }

    /// Whether it is one commit, made on its base by an actor whom the base has seen: a merge with the base is this.
    ///
    /// Cost: a look at the base's actors.
    pub fn is_next(&self, base: &Version) -> bool {
        self.step.is_some_and(|(actor, ..)| base.seen(&actor).is_some())
    }

    /// The version that the base becomes by this. It is canonical if the base is; whether it is the one that was meant, its hash says.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where no version comes of it: the base is another one, or the delta lies.
    ///
    /// Cost: linear in the base and the delta, with one hash, and one of the commit where it is a step.
    pub fn rebuild(&self, base: &Version) -> Result<Version> {
        let before = base.state()?;
        let (fields, used) = self.fields(base, &before)?;
        let mut origin = &self.origin;
        let stepped: Origin;
        if let Some(step) = self.step {
            stepped = self.stepped(step, base, &before)?;
            origin = &stepped;
        }
        let context = origin.context(&before)?;
        let (table, slots) = origin.table(&before, &context, &used)?;
        let written: usize = self.attributes.iter().map(|(_, body)| body.len() + 2).sum();
        let mut attributes = Vec::with_capacity(before.attributes.len() + written);
        let mut shape = ShapeBuilder::like(base.shape().clone());
        let is_as_before = slots.iter().zip(0..).all(|(slot, row)| slot.fate == Fate::Dead || slot.to == row);
        let stays: SmallVec<[u32; 8]> =
            slots.iter().filter(|slot| slot.fate == Fate::Lives).map(|slot| slot.to).collect();
        let mut copy = Join::copy(slots, table.len());
        for (field, is_new) in &fields {
            shape.push(field.name, field.form.as_bytes());
            if *is_new || is_as_before {
                put_slice(&mut attributes, field.body);
            } else {
                put_sized(&mut attributes, |out| copy.body(field.form.structure(), field.body, &[], out))?;
            }
        }
        let tips = origin.tips(&table, &context)?;
        let created = origin.created.unwrap_or(before.created);
        let state = State { tips, created, context, table, attributes: &attributes };
        self.check_new(&state, stays.into_iter())?;
        let mut buffer = Vec::with_capacity(base.state_bytes().len() + written + ROOM);
        Ok(Version::seal(base.key().clone(), shape.finish()?, &state, &mut buffer))
    }

    /// Checks what did not stand in the base as [`Version::verify`] does; these rows are borne by what did.
    fn check_new(&self, state: &State<'_>, stays: impl Iterator<Item = u32>) -> Result<()> {
        let mut check = Check::new(state.table.iter().map(|row| row.time).collect());
        for row in state.tips.iter().map(|tip| tip.row).chain(stays) {
            check.mark(row)?;
        }
        for (head, body) in &self.attributes {
            check.body(Form::trusted(&head.form), body).map_err(|error| error.at(&head.name))?;
        }
        if check.all_used() { Ok(()) } else { Err(Error::corrupt("a delta has a row that nothing bears")) }
    }

    /// What a commit on this base says of itself.
    fn stepped(
        &self,
        (actor, time, deleted): (ActorId, Nanotime, bool),
        base: &Version,
        before: &State<'_>,
    ) -> Result<Origin> {
        let dot = Dot { actor, sequence: next_sequence(&before.context, &actor)? };
        let length =
            |(head, body): &(Arc<Head>, Box<[u8]>)| head.name.len() + head.form.len() + body.len() + 4;
        let mut wrote = Vec::with_capacity(self.attributes.iter().map(length).sum());
        for (head, body) in &self.attributes {
            put_slice(&mut wrote, head.name.as_bytes());
            wrote.extend_from_slice(&head.form);
            put_slice(&mut wrote, body);
        }
        let commit = Commit { dot, time, parent: base.hash(), deleted, hash: Hash::ZERO };
        let tag = commit_hash(&commit, base.key(), base.kind(), &wrote).tag();
        let mut origin = Origin::default();
        origin.lines.push(Seen { actor, sequence: dot.sequence, tag });
        origin.tips.push((dot, deleted));
        origin.rows.extend(self.origin.rows.iter().copied());
        origin.rows.push((dot, Some(time)));
        Ok(origin)
    }

    /// All attributes in their order, each with whether it was written, and which rows of the base the others bear.
    fn fields<'f>(&'f self, base: &'f Version, before: &State<'f>) -> Result<(Vec<Part<'f>>, Vec<bool>)> {
        let mut fields = Vec::with_capacity(base.shape().len() + self.attributes.len());
        let mut used = vec![false; before.table.len()];
        let mut written = self.attributes.iter().map(|(head, body)| head.field(body)).peekable();
        let mut kept = base.shape().fields(before.attributes);
        while let Some(field) = kept.next()? {
            let place = |field: &Field<'f>| (field.name, field.form);
            while let Some(earlier) = written.next_if(|written| place(written) < place(&field)) {
                fields.push((earlier, true));
            }
            if let Some(same) = written.next_if(|written| place(written) == place(&field)) {
                fields.push((same, true));
            } else {
                bear(&field, &mut used)?;
                fields.push((field, false));
            }
        }
        fields.extend(written.map(|field| (field, true)));
        Ok((fields, used))
    }
}

impl Origin {
    /// The base's context with the new lines.
    fn context(&self, before: &State<'_>) -> Result<Context> {
        let mut context = before.context.clone();
        for line in &self.lines {
            let known = context.get(&line.actor).map_or(0, |known| known.sequence);
            if line.sequence == 0 || line.sequence < known {
                return Err(Error::corrupt("a delta has seen less than its base"));
            }
            context.advance(*line);
        }
        Ok(context)
    }

    /// The table, and where the rows of the base stand in it.
    fn table(&self, before: &State<'_>, context: &Context, used: &[bool]) -> Result<(Rows, Vec<Slot>)> {
        let line = |actor: &ActorId| {
            let line = context.position(actor).ok().map(|line| line as u32);
            line.ok_or_else(|| Error::corrupt("a delta has a row of an actor whom it has not seen"))
        };
        let mut rows: Vec<(Row, Option<usize>)> = Vec::with_capacity(before.table.len() + self.rows.len());
        for (number, row) in before.table.iter().enumerate().filter(|(number, _)| used[*number]) {
            rows.push((Row { actor: line(&before.dot(row).actor)?, ..*row }, Some(number)));
        }
        for (dot, time) in &self.rows {
            let missing = || Error::corrupt("a delta names a row that its base does not have");
            let known = || find(&before.table, &before.context, dot).map(|row| before.table[row].time);
            let time = time.or_else(known).ok_or_else(missing)?;
            if dot.sequence == 0 || context.get(&dot.actor).is_none_or(|seen| seen.sequence < dot.sequence) {
                return Err(Error::corrupt("a delta has a row of a commit that it has not seen"));
            }
            rows.push((Row { actor: line(&dot.actor)?, sequence: dot.sequence, time }, None));
        }
        rows.sort_unstable_by_key(|(row, _)| (row.actor, row.sequence));
        let is_twice = |pair: &[(Row, Option<usize>)]| {
            (pair[0].0.actor, pair[0].0.sequence) == (pair[1].0.actor, pair[1].0.sequence)
        };
        if rows.windows(2).any(is_twice) {
            return Err(Error::corrupt("a delta has a row twice"));
        }
        let mut slots = vec![Slot { to: 0, fate: Fate::Dead }; before.table.len()];
        for (to, (_, from)) in rows.iter().enumerate() {
            if let Some(slot) = from.and_then(|from| slots.get_mut(from)) {
                *slot = Slot { to: to as u32, fate: Fate::Lives };
            }
        }
        Ok((rows.into_iter().map(|(row, _)| row).collect(), slots))
    }

    fn tips(&self, table: &Rows, context: &Context) -> Result<TipList> {
        let mut tips = TipList::new();
        for (dot, deleted) in &self.tips {
            let row = find(table, context, dot);
            let row = row.ok_or_else(|| Error::corrupt("a delta has a tip without a row"))?;
            tips.push(Tip { row: row as u32, deleted: *deleted });
        }
        tips.sort_unstable_by_key(|tip| tip.row);
        if tips.is_empty() || tips.windows(2).any(|pair| pair[0].row == pair[1].row) {
            return Err(Error::corrupt("a delta has no tips, or one of them twice"));
        }
        Ok(tips)
    }
}

/// Where a dot is in a table.
fn find(table: &Rows, context: &Context, dot: &Dot) -> Option<usize> {
    let line = context.position(&dot.actor).ok()? as u32;
    table.binary_search_by_key(&(line, dot.sequence), |row| (row.actor, row.sequence)).ok()
}
