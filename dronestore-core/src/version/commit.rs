//! Commits: an author's act on one object, written onto the head.

use super::{Shape, ShapeBuilder, Version, patch};
use crate::actor::ActorId;
use crate::bytes::{put_slice, put_varint};
use crate::causal::join::{Fate, Join, Slot};
use crate::causal::place::Field;
use crate::causal::state::{self, Row, State, Tip};
use crate::causal::{Context, Dot, Seen};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Hash;
use crate::key::Key;
use crate::strategy::{Pen, Scene, Table};
use crate::time::{HybridClock, Nanotime};
use std::sync::Arc;

/// Who commits, and by which clock.
#[derive(Debug)]
pub struct Author<'c> {
    /// Who makes the dot.
    pub actor: ActorId,
    /// The hybrid clock of whoever it is.
    pub clock: &'c mut HybridClock,
    /// What the wall clock says.
    pub wall: Nanotime,
}

/// An author's act on one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The commit's name.
    pub dot: Dot,
    /// When, by the author's hybrid clock.
    pub time: Nanotime,
    /// The version that it was made on; [`Hash::ZERO`] for a creation.
    pub parent: Hash,
    /// Whether it deleted the object.
    pub deleted: bool,
    /// blake3 of parent, key, kind, dot, stamp and what was written: the link of the chain.
    pub hash: Hash,
}

/// What a commit is written against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'v> {
    /// What the author had loaded.
    pub(crate) base: Option<&'v Version>,
    /// What stands there now; it has seen all that the base has.
    pub(crate) head: Option<&'v Version>,
}

/// A commit in the making.
pub(crate) struct Draft<'v> {
    pub(crate) scene: Scene<'v>,
    pub(crate) pen: Pen,
    pub(crate) shape: ShapeBuilder,
    /// The attributes that were changed, by name and form.
    pub(crate) changed: Vec<(&'static str, &'static [u8])>,
    /// Whether the head is just what the author had loaded.
    pub(crate) on_base: bool,
    /// The attributes as the author had loaded them.
    pub(crate) base_attributes: &'v [u8],
    /// The attributes of the head; none where the author starts clean on a deleted object.
    pub(crate) head_attributes: &'v [u8],
    context: Context,
    table: Vec<Row>,
    tips: Vec<Tip>,
    created: Nanotime,
    dot: Dot,
    parent: Hash,
}

impl<'v> Draft<'v> {
    pub(crate) fn new(target: &Target<'v>, kind: &str, author: &mut Author<'_>) -> Result<Draft<'v>> {
        let head = target.head.map(Version::state).transpose()?;
        let on_base = match (target.base, target.head) {
            (Some(base), Some(head)) => base.hash == head.hash,
            (base, head) => base.is_none() && head.is_none(),
        };
        // Whoever writes an object anew where it reads as deleted has seen that it was, and starts clean.
        let clean = target.base.is_none() && target.head.is_some_and(Version::is_deleted);
        let (base_table, base_attributes) = match target.base {
            Some(version) => Table::of_state(version.state_bytes())?,
            None => (Table::empty(), &[][..]),
        };
        let empty = State {
            tips: Vec::new(),
            created: Nanotime::MAX,
            context: Context::default(),
            table: Vec::new(),
            attributes: &[],
        };
        let base_context = match target.base.filter(|_| !on_base) {
            Some(base) => Context::decode(state::content(state::split(base.state_bytes())?.1)?.context)?,
            None => Context::default(),
        };
        let head = head.unwrap_or(empty);
        let seen = |row: &Row| on_base || clean || base_context.contains(&head.dot(row));
        let seen: Vec<bool> = head.table.iter().map(seen).collect();

        // A stamp from too far ahead is not followed, and does not hide those that are.
        let limit = author.wall.saturating_add(HybridClock::MAX_LEAD);
        let followed = head.table.iter().map(|row| row.time).filter(|time| *time <= limit).max();
        let time = author.clock.next(author.wall, followed);
        let dot = Dot { actor: author.actor, sequence: next_sequence(&head.context, &author.actor)? };
        let mut context = head.context.clone();
        context.advance(Seen { actor: dot.actor, sequence: dot.sequence, tag: [0; 4] });
        let (table, slots, own_row) = with_own_row(&head, &context, dot, time);
        let unseen = head.tips.iter().filter(|tip| !seen[tip.row as usize]);
        let mut tips: Vec<Tip> = unseen.map(|tip| Tip { row: slots[tip.row as usize].to, ..*tip }).collect();
        tips.push(Tip { row: own_row, deleted: false });
        tips.sort_unstable_by_key(|tip| tip.row);

        let creates = target.base.is_none() && !clean;
        let created = if creates { head.created.min(time) } else { head.created };
        let own_line = head.context.position(&dot.actor).ok().map(|line| line as u32);
        let head_attributes = if clean { &[][..] } else { head.attributes };
        let base_context = if on_base { head.context.clone() } else { base_context };
        let scene = Scene {
            base: base_table,
            base_context,
            head_rows: head.table,
            head_context: head.context,
            seen,
            own_line,
            own_row,
            slots,
        };
        let pen = Pen::new(&scene, table.len(), head_attributes.len() + 128);
        let parent = target.base.map_or(Hash::ZERO, Version::hash);
        let parent = if clean { target.head.map_or(parent, Version::hash) } else { parent };
        Ok(Draft {
            scene,
            pen,
            shape: ShapeBuilder::new(kind),
            changed: Vec::with_capacity(8),
            on_base,
            base_attributes,
            head_attributes,
            context,
            table,
            tips,
            created,
            dot,
            parent,
        })
    }

    /// Seals the version and the commit; `deleted` makes the commit's own tip a delete.
    pub(crate) fn finish(mut self, key: &Key, deleted: bool) -> Result<(Version, Commit)> {
        for tip in &mut self.tips {
            self.pen.keep.mark(tip.row);
            tip.deleted |= deleted && tip.row == self.scene.own_row;
        }
        let time = self.table[self.scene.own_row as usize].time;
        let shape = self.shape.finish()?;
        let mut attributes = std::mem::take(&mut self.pen.out);
        if !self.pen.all_used() {
            let used = self.pen.used();
            attributes = compact(&shape, attributes, &used, &mut self.tips)?;
            let mut used = used.into_iter();
            self.table.retain(|_| used.next().unwrap_or(false));
        }
        let mut buffer = std::mem::take(&mut self.pen.scratch);
        let mut commit = Commit { dot: self.dot, time, parent: self.parent, deleted, hash: Hash::ZERO };
        commit_header(&commit, key, shape.kind(), &mut buffer);
        wrote(&shape, &attributes, &self.changed, &mut buffer)?;
        commit.hash = Hash::of(&buffer);
        let tag = commit.hash.tag();
        self.context.advance(Seen { actor: self.dot.actor, sequence: self.dot.sequence, tag });
        let state = State {
            tips: self.tips,
            created: self.created,
            context: self.context,
            table: self.table,
            attributes: &attributes,
        };
        let state = state.encode();
        // A merge may have made it larger than a commit may: such a one can still be deleted.
        let bytes = state.len() + key.as_encoded().len() + shape.as_bytes().len() + super::decode::HEAD_BYTES;
        if bytes > super::decode::MAX_BYTES && !deleted {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "`{key}` would take {} bytes; an object has room for {}",
                    bytes,
                    super::decode::MAX_BYTES
                ),
            ));
        }
        Ok((Version::seal_with(key.clone(), shape, &state, &mut buffer), commit))
    }
}

/// Commits the deletion of what this version has.
///
/// It writes no attribute: what stands there stays underneath, so that a concurrent update brings back the
/// whole object. `head` must have seen all that `base` has; what it has beyond stays alive.
///
/// # Errors
/// [`Corrupt`](ErrorKind::Corrupt) where the head's bytes are no state.
pub fn delete(base: &Version, head: &Version, author: &mut Author<'_>) -> Result<(Version, Commit)> {
    let target = Target { base: Some(base), head: Some(head) };
    let mut draft = Draft::new(&target, head.kind(), author)?;
    let mut fields = head.shape().fields(draft.head_attributes);
    while let Some(field) = fields.next()? {
        draft.shape.push(field.name, field.form.as_bytes());
        copy_field(&mut draft.pen.keep, &field, &mut draft.pen.out)?;
    }
    draft.finish(head.key(), true)
}

fn copy_field(join: &mut Join, field: &Field<'_>, out: &mut Vec<u8>) -> Result<()> {
    crate::bytes::put_sized(out, |out| join.body(field.form.structure(), field.body, &[], out))
}

fn next_sequence(context: &Context, actor: &ActorId) -> Result<u64> {
    let last = context.get(actor).map_or(0, |seen| seen.sequence);
    last.checked_add(1).ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            format!("actor {actor} has no sequence numbers left on this object"),
        )
    })
}

/// The head's table with the commit's own row in its place, and where the head's rows have gone.
fn with_own_row(head: &State<'_>, context: &Context, dot: Dot, time: Nanotime) -> (Vec<Row>, Vec<Slot>, u32) {
    let line = context.position(&dot.actor).unwrap_or(0) as u32;
    let is_new = head.context.get(&dot.actor).is_none();
    let own = Row { actor: line, sequence: dot.sequence, time };
    let moved = |row: &Row| Row { actor: row.actor + u32::from(is_new && row.actor >= line), ..*row };
    let mut table: Vec<Row> = Vec::with_capacity(head.table.len() + 1);
    table.extend(head.table.iter().map(moved));
    let own_row = table.partition_point(|row| (row.actor, row.sequence) < (own.actor, own.sequence));
    table.insert(own_row, own);
    let to = |row: usize| (row + usize::from(row >= own_row)) as u32;
    let slots = (0..head.table.len()).map(|row| Slot { to: to(row), fate: Fate::Lives }).collect();
    (table, slots, own_row as u32)
}

/// Takes the rows that nothing bears out of a state in the making.
fn compact(shape: &Arc<Shape>, attributes: Vec<u8>, used: &[bool], tips: &mut [Tip]) -> Result<Vec<u8>> {
    let mut slots = Vec::with_capacity(used.len());
    let mut next = 0;
    for used in used {
        slots.push(Slot { to: next, fate: if *used { Fate::Lives } else { Fate::Dead } });
        next += u32::from(*used);
    }
    for tip in tips {
        tip.row = slots[tip.row as usize].to;
    }
    if used.len() <= patch::MOST_ROWS {
        let mut attributes = attributes;
        patch::attributes(shape, &mut attributes, &slots)?;
        return Ok(attributes);
    }
    let mut join = Join::copy(slots, next as usize);
    let mut out = Vec::with_capacity(attributes.len());
    let mut fields = shape.fields(&attributes);
    while let Some(field) = fields.next()? {
        copy_field(&mut join, &field, &mut out)?;
    }
    Ok(out)
}

/// Appends what a commit wrote: name, form and new bytes of each attribute that it changed.
fn wrote(shape: &Shape, attributes: &[u8], changed: &[(&str, &[u8])], out: &mut Vec<u8>) -> Result<()> {
    let mut fields = shape.fields(attributes);
    let mut field = fields.next()?;
    for &(name, form) in changed {
        while field.is_some_and(|field| (field.name, field.form.as_bytes()) < (name, form)) {
            field = fields.next()?;
        }
        let same = field.filter(|field| field.name == name && field.form.as_bytes() == form);
        put_slice(out, name.as_bytes());
        out.extend_from_slice(form);
        put_slice(out, same.map_or(&[], |field| field.body));
    }
    Ok(())
}

/// The hash of a commit on this object that wrote this.
pub fn commit_hash(commit: &Commit, key: &Key, kind: &str, wrote: &[u8]) -> Hash {
    let mut input = Vec::with_capacity(wrote.len() + key.as_encoded().len() + kind.len() + 80);
    commit_header(commit, key, kind, &mut input);
    input.extend_from_slice(wrote);
    Hash::of(&input)
}

/// What a commit's hash covers before what it wrote.
fn commit_header(commit: &Commit, key: &Key, kind: &str, input: &mut Vec<u8>) {
    input.clear();
    input.extend_from_slice(commit.parent.as_bytes());
    put_slice(input, key.as_encoded());
    put_slice(input, kind.as_bytes());
    input.extend_from_slice(commit.dot.actor.as_bytes());
    put_varint(input, commit.dot.sequence);
    input.push(u8::from(commit.deleted));
    input.extend_from_slice(&commit.time.as_nanos().to_be_bytes());
}
