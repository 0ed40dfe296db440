//! Commits: an author's act on one object, written onto the head.

use super::{Shape, ShapeBuilder, Version};
use crate::actor::ActorId;
use crate::bytes::{Reader, put_slice, put_varint};
use crate::causal::join::{Fate, Join, Slot};
use crate::causal::state::{self, Row, Rows, State, Tip, TipList};
use crate::causal::{Context, Dot, Seen};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Hash;
use crate::key::Key;
use crate::strategy::{Pen, Rulings, Scene, Table};
use crate::time::{HybridClock, Nanotime};
use smallvec::SmallVec;
use std::ops::Range;

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
    /// By what decisions the author had read the base.
    pub(crate) rulings: Option<&'v Rulings>,
}

/// An attribute that a commit writes.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) name: &'static str,
    pub(crate) form: &'static [u8],
    /// Where its new bytes stand among the attributes.
    pub(crate) body: Range<usize>,
}

/// An attribute that is written without a Rust type that names it.
#[derive(Debug)]
pub(crate) struct Wrote {
    pub(crate) name: String,
    pub(crate) form: Vec<u8>,
    /// Where its new bytes stand among the attributes.
    pub(crate) body: Range<usize>,
}

/// The attributes that a commit writes, in their order.
pub(crate) type ChangedList = SmallVec<[Changed; 16]>;

/// A commit in the making.
pub(crate) struct Draft<'v> {
    pub(crate) scene: Scene<'v>,
    pub(crate) pen: Pen,
    pub(crate) shape: ShapeBuilder,
    /// The attributes that were changed.
    pub(crate) changed: ChangedList,
    /// The attributes that are written without a Rust type, and then these alone; in their order.
    pub(crate) wrote: Vec<Wrote>,
    /// Whether the head is just what the author had loaded.
    pub(crate) on_base: bool,
    /// The attributes as the author had loaded them.
    pub(crate) base_attributes: &'v [u8],
    /// The attributes of the head; none where the author starts clean on a deleted object.
    pub(crate) head_attributes: &'v [u8],
    /// The tips that the author had not seen.
    tips: TipList,
    created: Nanotime,
    dot: Dot,
    time: Nanotime,
    parent: Hash,
}

impl<'v> Draft<'v> {
    pub(crate) fn new(target: &Target<'v>, kind: &str, author: &mut Author<'_>) -> Result<Draft<'v>> {
        let on_base = match (target.base, target.head) {
            (Some(base), Some(head)) => base.hash == head.hash,
            (base, head) => base.is_none() && head.is_none(),
        };
        // Equal hashes, equal bytes; of the two it is the base's whose places the rulings name.
        let head = match if on_base { target.base } else { target.head } {
            Some(head) => head.state()?,
            None => State::empty(),
        };
        // Whoever writes an object anew where it reads as deleted has seen that it was, and starts clean.
        let clean = target.base.is_none() && target.head.is_some_and(Version::is_deleted);
        let (base_table, base_attributes) = match target.base {
            Some(version) => Table::of_state(version.state_bytes())?,
            None => (Table::default(), &[][..]),
        };
        let base_table = base_table.ruled_by(target.rulings);
        let base_context = match target.base.filter(|_| !on_base) {
            Some(base) => {
                Some(Context::decode(state::content(state::split(base.state_bytes())?.1)?.context)?)
            }
            None => None,
        };
        let seen_all = on_base || clean;
        let contains = |row: &Row| base_context.as_ref().is_some_and(|base| base.contains(&head.dot(row)));
        let seen = (!seen_all).then(|| head.table.iter().map(contains).collect());

        // A stamp from too far ahead is not followed, and does not hide those that are.
        let limit = author.wall.saturating_add(HybridClock::MAX_LEAD);
        let followed = head.table.iter().map(|row| row.time).filter(|time| *time <= limit).max();
        let time = author.clock.next(author.wall, followed);
        let dot = Dot { actor: author.actor, sequence: next_sequence(&head.context, &author.actor)? };

        let line = head.context.position(&dot.actor);
        let own_line = line.ok().map(|line| line as u32);
        // Where the actor is new, the lines of the actors behind it move by one; the order of rows does not.
        let own = (line.unwrap_or_else(|line| line) as u32, dot.sequence);
        let before = |row: &Row| (row.actor, row.sequence) < own;
        let own_rank = head.table.partition_point(before) as u32;
        let creates = target.base.is_none() && !clean;
        let created = if creates { head.created.min(time) } else { head.created };
        let head_attributes = if clean { &[][..] } else { head.attributes };
        let scene = Scene {
            base: base_table,
            base_context,
            head_rows: head.table,
            head_context: head.context,
            seen,
            own_line,
            own_rank,
            time,
            line: author.actor.first(),
        };
        let mut tips = head.tips;
        tips.retain(|tip| !scene.has_seen(tip.row));
        let pen = Pen::new(&scene);
        let parent = target.base.map_or(Hash::ZERO, Version::hash);
        let parent = if clean { target.head.map_or(parent, Version::hash) } else { parent };
        Ok(Draft {
            scene,
            pen,
            shape: match target.head {
                Some(head) => ShapeBuilder::like(head.shape.clone()),
                None => ShapeBuilder::new(kind),
            },
            changed: ChangedList::new(),
            wrote: Vec::new(),
            on_base,
            base_attributes,
            head_attributes,
            tips,
            created,
            dot,
            time,
            parent,
        })
    }

    /// Seals the version and the commit; `deleted` makes the commit's own tip a delete.
    pub(crate) fn finish(&mut self, key: &Key, deleted: bool) -> Result<(Version, Commit)> {
        let shape = self.shape.take()?;
        let own = self.scene.own();
        self.tips.push(Tip { row: own, deleted });
        for tip in &self.tips {
            self.pen.mark(tip.row);
        }
        let (table, to) = table(&self.scene, &self.pen, self.dot, self.time);
        if self.pen.has_few_rows() {
            self.pen.renumber(&to)?;
        } else if !self.pen.is_in_place(&to)? {
            let changed = self.changed.iter_mut().map(|changed| &mut changed.body);
            let bodies = changed.chain(self.wrote.iter_mut().map(|wrote| &mut wrote.body));
            rewrite(&shape, &mut self.pen, &to, bodies)?;
        }
        for tip in &mut self.tips {
            tip.row = to[tip.row as usize];
        }
        self.tips.sort_unstable_by_key(|tip| tip.row);

        let Pen { out: attributes, scratch: buffer, .. } = &mut self.pen;
        let mut commit =
            Commit { dot: self.dot, time: self.time, parent: self.parent, deleted, hash: Hash::ZERO };
        commit_header(&commit, key, shape.kind(), buffer);
        for changed in &self.changed {
            put_slice(buffer, changed.name.as_bytes());
            buffer.extend_from_slice(changed.form);
            put_slice(buffer, &attributes[changed.body.clone()]);
        }
        for wrote in &self.wrote {
            put_slice(buffer, wrote.name.as_bytes());
            buffer.extend_from_slice(&wrote.form);
            put_slice(buffer, &attributes[wrote.body.clone()]);
        }
        commit.hash = Hash::of(buffer);

        let mut context = std::mem::take(&mut self.scene.head_context);
        context.advance(Seen { actor: self.dot.actor, sequence: self.dot.sequence, tag: commit.hash.tag() });
        let tips = std::mem::take(&mut self.tips);
        let state = State { tips, created: self.created, context, table, attributes };
        let version = Version::seal(key.clone(), shape, &state, buffer);
        // A merge may have made it larger than a commit may: such a one can still be deleted.
        let bytes = buffer.len() + version.shape.as_bytes().len() + super::decode::HEAD_BYTES;
        if bytes > super::decode::MAX_BYTES && !deleted {
            let room = super::decode::MAX_BYTES;
            let message = format!("`{key}` would take {bytes} bytes; an object has room for {room}");
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        Ok((version, commit))
    }
}

/// The table of the result, and for each row of the scene that something bears its number in it.
fn table(scene: &Scene<'_>, pen: &Pen, dot: Dot, time: Nanotime) -> (Rows, SmallVec<[u32; 16]>) {
    let line = scene.head_context.position(&dot.actor);
    let is_new = line.is_err();
    let line = line.unwrap_or_else(|line| line) as u32;
    let mut table = Rows::new();
    let mut to = SmallVec::from_elem(0, scene.head_rows.len() + 1);
    let mut put = |number: u32, row: Row| {
        if pen.is_used(number) {
            to[number as usize] = table.len() as u32;
            table.push(row);
        }
    };
    let (before, after) = scene.head_rows.split_at(scene.own_rank as usize);
    let moved = |row: &Row| Row { actor: row.actor + u32::from(is_new && row.actor >= line), ..*row };
    for (number, row) in (0..).zip(before) {
        put(number, moved(row));
    }
    put(scene.own(), Row { actor: line, sequence: dot.sequence, time });
    for (number, row) in (scene.own_rank..).zip(after) {
        put(number, moved(row));
    }
    (table, to)
}

/// Gives every row its final number where numbers may take several bytes: writes all attributes anew.
fn rewrite<'b>(
    shape: &Shape,
    pen: &mut Pen,
    to: &[u32],
    changed: impl Iterator<Item = &'b mut Range<usize>>,
) -> Result<()> {
    let fate = |row| if pen.is_used(row) { Fate::Lives } else { Fate::Dead };
    let slots = (0..).zip(to).map(|(row, to)| Slot { to: *to, fate: fate(row) });
    let mut join = Join::copy(slots.collect(), to.len());
    let attributes = std::mem::take(&mut pen.out);
    let mut reader = Reader::new(&attributes);
    let mut changed = changed.filter(|body: &&mut Range<usize>| body.start < body.end).peekable();
    for (_, form) in (0..shape.len()).filter_map(|index| shape.head(index)) {
        let body = reader.slice()?;
        let end = attributes.len() - reader.rest().len();
        pen.scratch.clear();
        join.body(form.structure(), body, &[], &mut pen.scratch)?;
        put_slice(&mut pen.out, &pen.scratch);
        if let Some(changed) = changed.next_if(|body| body.end == end) {
            *changed = pen.out.len() - pen.scratch.len()..pen.out.len();
        }
    }
    Ok(())
}

/// Commits the deletion of what this version has.
///
/// It writes no attribute: what stands there stays underneath, so that a concurrent update brings back the
/// whole object. `head` must have seen all that `base` has; what it has beyond stays alive.
///
/// # Errors
/// [`Corrupt`](ErrorKind::Corrupt) where the head's bytes are no state.
pub fn delete(base: &Version, head: &Version, author: &mut Author<'_>) -> Result<(Version, Commit)> {
    let target = Target { base: Some(base), head: Some(head), rulings: None };
    let mut draft = Draft::new(&target, head.kind(), author)?;
    let mut fields = head.shape().fields(draft.head_attributes);
    while let Some(field) = fields.next()? {
        draft.shape.push(field.name, field.form.as_bytes());
        let begun = draft.pen.begin_sized();
        draft.pen.copy(field.form.structure(), field.body)?;
        draft.pen.end_sized(&begun);
    }
    draft.finish(head.key(), true)
}

/// Commits that nothing is left of a deleted object but its key, what it has seen, and when it was created. Whoever has
/// not seen this and changes a field brings back that field alone, and not the whole object.
///
/// # Errors
/// As [`delete`].
pub fn purge(head: &Version, author: &mut Author<'_>) -> Result<(Version, Commit)> {
    let target = Target { base: Some(head), head: Some(head), rulings: None };
    Draft::new(&target, head.kind(), author)?.finish(head.key(), true)
}

pub(super) fn next_sequence(context: &Context, actor: &ActorId) -> Result<u64> {
    let last = context.get(actor).map_or(0, |seen| seen.sequence);
    last.checked_add(1).ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            format!("actor {actor} has no sequence numbers left on this object"),
        )
    })
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
