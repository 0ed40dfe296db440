//! Merging two versions of one object: compare, then join only where each has seen what the other has not.

use super::{Shape, ShapeBuilder, Version};
use crate::bytes::put_sized;
use crate::causal::join::{Fate, Join, Slot, fields_side_by_side, forked, tables};
use crate::causal::state::{self, State, Tip, TipList};
use crate::causal::{Context, Relation};
use crate::error::{Error, ErrorKind, Result};
use std::cmp::Ordering;
use std::sync::Arc;

/// What a merge came to.
#[derive(Debug, Clone)]
pub enum Merged {
    /// Theirs holds nothing that ours has not seen: ours stays as it is.
    Known,
    /// Theirs has seen all of ours: it is taken as it is.
    Forward,
    /// Each had seen something new: this is what both together have seen.
    Joined(Version),
}

impl Version {
    /// Merges two versions of one object.
    ///
    /// The same for every strategy: no value is decoded, no clock read, nothing added. Commutative,
    /// associative and idempotent on the bytes.
    ///
    /// # Errors
    /// [`Mismatch`](ErrorKind::Mismatch) for another key or kind, [`Forked`](ErrorKind::Forked) where one dot
    /// names two different commits, [`Corrupt`](ErrorKind::Corrupt) where bytes are not a version's.
    ///
    /// Cost: about 0.1 µs where one covers the other, else linear in both states with one hash: some
    /// 1.3 µs for a small object.
    pub fn merge(&self, theirs: &Version) -> Result<Merged> {
        self.check_same_object(theirs)?;
        if self.hash == theirs.hash {
            return Ok(Merged::Known);
        }
        let context = |version: &Version| {
            let (_, content) = state::split(version.state_bytes())?;
            Context::decode(state::content(content)?.context)
        };
        let contexts = (context(self)?, context(theirs)?);
        match contexts.0.compare(&contexts.1)? {
            Relation::Covers => Ok(Merged::Known),
            Relation::Covered => Ok(Merged::Forward),
            Relation::Equal => Err(Error::new(
                ErrorKind::Forked,
                format!(
                    "{self} and {theirs} have seen the same commits and differ: one of them was not made by merging"
                ),
            )),
            Relation::Concurrent => join(self, theirs, contexts).map(Merged::Joined),
        }
    }

    /// Whether this version has seen everything that the other has.
    ///
    /// # Errors
    /// As [`Version::merge`].
    pub fn covers(&self, theirs: &Version) -> Result<bool> {
        self.check_same_object(theirs)?;
        let relation = self.state()?.context.compare(&theirs.state()?.context)?;
        Ok(matches!(relation, Relation::Equal | Relation::Covers))
    }

    fn check_same_object(&self, theirs: &Version) -> Result<()> {
        if self.key != theirs.key || self.kind() != theirs.kind() {
            return Err(Error::new(
                ErrorKind::Mismatch,
                format!(
                    "{} of kind {} and {} of kind {} are two objects and do not merge",
                    self.key,
                    self.kind(),
                    theirs.key,
                    theirs.kind()
                ),
            ));
        }
        Ok(())
    }
}

/// The join without its fast paths: the same bytes as [`Version::merge`] gives, for tests of just that.
///
/// # Errors
/// As [`Version::merge`].
pub fn join_in_full(ours: &Version, theirs: &Version) -> Result<Version> {
    ours.check_same_object(theirs)?;
    let (a, b) = (ours.state()?.context, theirs.state()?.context);
    a.compare(&b)?;
    join(ours, theirs, (a, b))
}

fn join(ours: &Version, theirs: &Version, contexts: (Context, Context)) -> Result<Version> {
    let a = State::parse_with(ours.state_bytes(), contexts.0).map_err(|error| error.at(ours))?;
    let b = State::parse_with(theirs.state_bytes(), contexts.1).map_err(|error| error.at(theirs))?;
    let joined = a.context.join(&b.context);
    let (mut table, slots_a, slots_b) = tables((&a.context, &a.table), (&b.context, &b.table), &joined)?;
    let mut join = Join::new(slots_a, slots_b, table.len());
    let (mut tips, mut attributes, mut shape) = pass(&mut join, (ours, &a), (theirs, &b))?;
    if !join.used().iter().all(|used| *used) {
        let mut used = join.used().to_vec().into_iter();
        table.retain(|_| used.next().unwrap_or(false));
        join = join.without_unused();
        (tips, attributes, shape) = pass(&mut join, (ours, &a), (theirs, &b))?;
    }
    let created = a.created.min(b.created);
    let state = State { tips, created, context: joined, table: table.into(), attributes: &attributes };
    Ok(Version::seal(ours.key.clone(), shape, &state.encode()))
}

type Pass = (TipList, Vec<u8>, Arc<Shape>);

fn pass(join: &mut Join, ours: (&Version, &State<'_>), theirs: (&Version, &State<'_>)) -> Result<Pass> {
    let tips = join_tips(join, ours.1, theirs.1)?;
    let mut out = Vec::with_capacity(ours.1.attributes.len() + theirs.1.attributes.len());
    let mut survivors = 0;
    let mut builder: Option<ShapeBuilder> = None;
    let same = Arc::ptr_eq(&ours.0.shape, &theirs.0.shape) || ours.0.shape.hash() == theirs.0.shape.hash();
    if !same {
        builder = Some(ShapeBuilder::new(ours.0.kind()));
    }
    let mut a = ours.0.shape.fields(ours.1.attributes);
    let mut b = theirs.0.shape.fields(theirs.1.attributes);
    fields_side_by_side(
        || a.next(),
        || b.next(),
        |name, form, x, y| {
            let start = out.len();
            put_sized(&mut out, |out| join.body(form.structure(), x, y, out))
                .map_err(|error| error.at(name))?;
            if out.len() == start + 1 {
                out.truncate(start);
                // Something went: what came before it stays, and the shape is written out from here on.
                builder.get_or_insert_with(|| first_heads(&ours.0.shape, survivors));
            } else {
                survivors += 1;
                if let Some(builder) = &mut builder {
                    builder.push(name, form.as_bytes());
                }
            }
            Ok(())
        },
    )?;
    let shape = builder.map_or_else(|| Ok(ours.0.shape.clone()), ShapeBuilder::finish)?;
    Ok((tips, out, shape))
}

fn first_heads(shape: &Shape, count: usize) -> ShapeBuilder {
    let mut builder = ShapeBuilder::new(shape.kind());
    for (name, form) in (0..count).filter_map(|index| shape.head(index)) {
        builder.push(name, form.as_bytes());
    }
    builder
}

/// The tips are a dot store like any other. Linear: a version from outside may have a tip for every actor.
fn join_tips(join: &mut Join, ours: &State<'_>, theirs: &State<'_>) -> Result<TipList> {
    let placed = |tips: &[Tip], slots: &[Slot]| -> Vec<(Slot, bool)> {
        let placed = tips.iter().map(|tip| (slots[tip.row as usize], tip.deleted));
        placed.filter(|(slot, _)| slot.fate != Fate::Dead).collect()
    };
    let (slots_a, slots_b) = join.slots();
    let (a, b) = (placed(&ours.tips, slots_a), placed(&theirs.tips, slots_b));
    let (mut a, mut b) = (a.into_iter().peekable(), b.into_iter().peekable());
    let mut tips = TipList::new();
    loop {
        let order = match (a.peek(), b.peek()) {
            (None, None) => return Ok(tips),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((x, _)), Some((y, _))) => x.to.cmp(&y.to),
        };
        let x = a.next_if(|_| order != Ordering::Greater);
        let y = b.next_if(|_| order != Ordering::Less);
        if let (Some((_, x)), Some((_, y))) = (x, y)
            && x != y
        {
            return Err(forked("is a write here and a delete there"));
        }
        if let Some((slot, deleted)) = x.or(y)
            && (order == Ordering::Equal || slot.fate == Fate::Lives)
        {
            tips.push(Tip { row: join.mark(slot.to), deleted });
        }
    }
}
