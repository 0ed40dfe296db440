//! Step: a version as what one commit did to the one that it was made on, without what follows from the two.

use super::compare::is_same;
use super::read::{Delta, Head, Origin};
use super::write::bear;
use crate::actor::ActorId;
use crate::bytes::put_slice;
use crate::causal::place::Field;
use crate::causal::state::{Row, State};
use crate::causal::{Dot, Form, Seen};
use crate::error::{Error, Result};
use crate::time::Nanotime;
use crate::version::{Commit, Version, commit_hash};
use smallvec::smallvec;
use std::sync::Arc;

/// What a commit, or several of one actor that followed one another, did to a version.
///
/// Neither sequence numbers nor hashes are in it: they follow from the version that it is applied to. So a chain of steps
/// is a chain of hashes, and one at its end checks every link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Who made it.
    pub actor: ActorId,
    /// When, by the actor's hybrid clock; of several commits the last.
    pub time: Nanotime,
    /// Whether it deleted the object.
    pub deleted: bool,
    /// How many commits it is.
    pub commits: u64,
    /// The first bytes of the hash of the last commit, where they do not follow: of several commits, and of one that was
    /// made on another version.
    pub tag: Option<[u8; 4]>,
    /// Of several commits those before the last of which something stands: how many come behind each, and its time; ascending
    /// by sequence.
    pub passed: Vec<(u64, Nanotime)>,
    /// Of the rows that only what was written had borne, in their order: how many are gone, how many stay, and so on.
    /// Those behind are gone.
    pub kept: Vec<u64>,
    /// The attributes that were written, in their order, as they then stand.
    pub wrote: Vec<WroteAttribute>,
}

/// An attribute that a commit wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WroteAttribute {
    /// The stored name.
    pub name: String,
    /// The form, as bytes.
    pub form: Vec<u8>,
    /// The bytes that stand there then.
    pub body: Vec<u8>,
}

impl Step {
    /// The step from a version to a later one; `None` where it takes more to tell: others wrote too, a merge joined the two,
    /// an attribute is gone. `named` are the names of all attributes that were written, where they are known.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where one of them is damaged.
    ///
    /// Cost: one walk over each and what [`Step::apply`] costs: what comes out leads to just this version.
    pub fn between(before: &Version, after: &Version, named: Option<&[&str]>) -> Result<Option<Step>> {
        let (old, new) = (before.state()?, after.state()?);
        let [tip] = new.tips[..] else { return Ok(None) };
        let Some(row) = new.table.get(tip.row as usize) else { return Ok(None) };
        let Dot { actor, sequence } = new.dot(row);
        let last = old.context.get(&actor).map_or(0, |seen| seen.sequence);
        let tag = new.context.get(&actor).filter(|seen| seen.sequence == sequence).map(|seen| seen.tag);
        let (Some(commits @ 1..), Some(tag)) = (sequence.checked_sub(last), tag) else { return Ok(None) };
        let named = named.filter(|_| commits == 1);
        let Some(wrote) = written((before, &old), (after, &new), named)? else { return Ok(None) };
        let (deleted, time) = (tip.deleted, row.time);
        let line = new.context.position(&actor).unwrap_or(usize::MAX) as u32;
        let on_the_way = |row: &&Row| row.actor == line && row.sequence > last && row.sequence < sequence;
        let passed = new.table.iter().filter(on_the_way).map(|row| (sequence - row.sequence, row.time));
        let (tag_follows, passed, kept) = (None, passed.collect(), Vec::new());
        let mut step = Step { actor, time, deleted, commits, tag: tag_follows, passed, kept, wrote };
        let stays = |dot: &Dot| {
            let line = new.context.position(&dot.actor).unwrap_or(usize::MAX) as u32;
            let place = (line, dot.sequence);
            new.table.binary_search_by_key(&place, |row| (row.actor, row.sequence)).is_ok()
        };
        for number in step.open_rows(before, &old)? {
            let stays = stays(&old.dot(&old.table[number]));
            // Counts of those that are gone stand at even places.
            if step.kept.is_empty() {
                step.kept.push(0);
            }
            if step.kept.len().is_multiple_of(2) != stays {
                step.kept.push(0);
            }
            if let Some(count) = step.kept.last_mut() {
                *count += 1;
            }
        }
        if step.kept.len() % 2 == 1 {
            step.kept.pop();
        }
        let leads_there = |step: &Step| step.apply(before).is_ok_and(|(version, _)| version == *after);
        if commits == 1 && leads_there(&step) {
            return Ok(Some(step));
        }
        step.tag = Some(tag);
        Ok(leads_there(&step).then_some(step))
    }

    /// The version that this comes to, and the commit: the last of several, whose parent and hash are not known then.
    ///
    /// # Errors
    /// [`Corrupt`](crate::ErrorKind::Corrupt) where no version comes of it.
    ///
    /// Cost: linear in the version, with two hashes; some 3 µs for a small object.
    pub fn apply(&self, before: &Version) -> Result<(Version, Commit)> {
        let old = before.state()?;
        let last = old.context.get(&self.actor).map_or(0, |seen| seen.sequence);
        let too_many = || Error::corrupt("a step leads beyond the last sequence number");
        let sequence = last.checked_add(self.commits).filter(|_| self.commits > 0).ok_or_else(too_many)?;
        let dot = Dot { actor: self.actor, sequence };
        let mut commit = Commit {
            dot,
            time: self.time,
            parent: before.hash(),
            deleted: self.deleted,
            hash: crate::hash::Hash::ZERO,
        };
        let tag = match self.tag {
            Some(tag) => tag,
            None => {
                commit.hash = commit_hash(&commit, before.key(), before.kind(), &self.wrote_bytes());
                commit.hash.tag()
            }
        };
        let mut rows = smallvec![(dot, Some(self.time))];
        for (behind, time) in &self.passed {
            let sequence = sequence.checked_sub(*behind).filter(|_| *behind > 0 && *behind < self.commits);
            let sequence =
                sequence.ok_or_else(|| Error::corrupt("a step passed a commit that is not its own"))?;
            rows.push((Dot { actor: self.actor, sequence }, Some(*time)));
        }
        let (mut runs, mut left, mut stays) = (self.kept.iter(), 0, true);
        for number in self.open_rows(before, &old)? {
            while left == 0 {
                match runs.next() {
                    Some(count) => (left, stays) = (*count, !stays),
                    None => (left, stays) = (u64::MAX, false),
                }
            }
            left -= 1;
            if stays {
                rows.push((old.dot(&old.table[number]), None));
            }
        }
        let attribute = |wrote: &WroteAttribute| {
            let head = Head { name: wrote.name.as_str().into(), form: wrote.form.as_slice().into() };
            (Arc::new(head), wrote.body.as_slice().into())
        };
        let lines = smallvec![Seen { actor: self.actor, sequence, tag }];
        let origin = Origin { created: None, lines, tips: smallvec![(dot, self.deleted)], rows };
        let attributes = self.wrote.iter().map(attribute).collect();
        let delta = Delta { step: None, origin, attributes };
        Ok((delta.rebuild(before)?, commit))
    }

    /// What the hash of the commit covers of what it wrote.
    fn wrote_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for wrote in &self.wrote {
            put_slice(&mut out, wrote.name.as_bytes());
            out.extend_from_slice(&wrote.form);
            put_slice(&mut out, &wrote.body);
        }
        out
    }

    /// The rows of the version before that nothing bears but what was written, and tips.
    fn open_rows(&self, before: &Version, old: &State<'_>) -> Result<Vec<usize>> {
        let mut used = vec![false; old.table.len()];
        let mut fields = before.shape().fields(old.attributes);
        while let Some(field) = fields.next()? {
            let is_it =
                |wrote: &WroteAttribute| wrote.name == field.name && wrote.form == field.form.as_bytes();
            if !self.wrote.iter().any(is_it) {
                bear(&field, &mut used)?;
            }
        }
        Ok(used.iter().enumerate().filter(|(_, used)| !**used).map(|(number, _)| number).collect())
    }
}

/// The attributes in which something else stands than before; `None` where one of those before is gone.
fn written(
    (before, old): (&Version, &State<'_>),
    (after, new): (&Version, &State<'_>),
    named: Option<&[&str]>,
) -> Result<Option<Vec<WroteAttribute>>> {
    let mut wrote = Vec::new();
    let (mut fields, mut earlier) =
        (after.shape().fields(new.attributes), before.shape().fields(old.attributes));
    let mut known = earlier.next()?;
    while let Some(field) = fields.next()? {
        let place = |field: &Field<'_>| (field.name.to_owned(), field.form.as_bytes().to_vec());
        let is_new = match &known {
            Some(other) if (other.name, other.form) == (field.name, field.form) => {
                let is_new = match named {
                    Some(named) => named.contains(&field.name),
                    None => !is_same((&field, new), (other, old))?,
                };
                known = earlier.next()?;
                is_new
            }
            Some(other) if (other.name, other.form) < (field.name, field.form) => return Ok(None),
            _ => true,
        };
        if is_new {
            let (name, form) = place(&field);
            wrote.push(WroteAttribute { name, form, body: field.body.to_vec() });
        }
    }
    Ok(known.is_none().then_some(wrote))
}

impl WroteAttribute {
    /// Whether the bytes of the form are one form of this version of the format, and the name no longer than names are.
    pub fn is_sound(&self) -> bool {
        let mut reader = crate::bytes::Reader::new(&self.form);
        self.name.len() <= crate::causal::form::MAX_NAME
            && Form::split(&mut reader).is_ok_and(|form| form.as_bytes().len() == self.form.len())
    }
}
