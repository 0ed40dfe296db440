//! Entries: which commit of an actor wrote which of the entries that still stand, and the totals of counters.

use super::Version;
use crate::actor::ActorId;
use crate::bytes::{Reader, put_slice};
use crate::causal::form::{Child, code};
use crate::causal::join::{MAX_NESTING, too_deep};
use crate::causal::place::{Dots, Fields, Items, Values};
use crate::causal::{Form, Structure};
use crate::error::Result;
use crate::strategy::counter::total;
use crate::time::Nanotime;
use std::collections::BTreeMap;

/// An actor's total at one place, and the commit that wrote it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Total {
    pub(super) sequence: u64,
    pub(super) time: Nanotime,
    pub(super) total: i128,
}

/// What two copies of one actor have in common, as far as the entries that stand tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Common {
    /// The last of the actor's commits that both are seen to have; 0 where none is.
    pub shared: u64,
    /// The first that is another commit in the one than in the other.
    pub forked: Option<u64>,
    /// The last that nothing tells to be another: an actor's commits of one object are later and later.
    pub possible: u64,
}

/// What is common to a version and to those that the actor made here. Two commits of one number and one time are one
/// commit, unless they are seen to have written different values at one place.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where the bytes are not a version's.
///
/// Cost: linear in all of them.
pub fn common(known: &[Version], theirs: &Version, actor: &ActorId) -> Result<Common> {
    let mut ours: BTreeMap<u64, Commit> = BTreeMap::new();
    for version in known {
        for (sequence, commit) in commits(version, actor)? {
            let kept =
                ours.entry(sequence).or_insert_with(|| Commit { time: commit.time, ..Commit::default() });
            kept.entries.extend(commit.entries);
        }
    }
    let mut common = Common::default();
    let last = theirs.seen(actor).map_or(0, |last| last.sequence);
    let theirs = commits(theirs, actor)?;
    for (sequence, theirs) in &theirs {
        let Some(ours) = ours.get(sequence) else { continue };
        match ours.is(theirs) {
            true => common.shared = common.shared.max(*sequence),
            false => common.forked = Some(common.forked.map_or(*sequence, |first| first.min(*sequence))),
        }
    }
    let most = common.forked.map_or(last, |forked| last.min(forked.saturating_sub(1)));
    let is_possible = |(sequence, own): &(&u64, &Commit)| {
        theirs.range(**sequence..).all(|(_, later)| own.time <= later.time)
    };
    common.possible =
        ours.range(..=most).filter(is_possible).map(|(sequence, _)| *sequence).max().unwrap_or(0);
    Ok(common)
}

/// What still stands of a commit.
#[derive(Default)]
struct Commit {
    time: Nanotime,
    /// Value by place; those of sequences are not among them.
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Commit {
    fn is(&self, other: &Commit) -> bool {
        let is_same = |(place, value)| self.entries.get(place).is_none_or(|own| own == value);
        self.time == other.time && other.entries.iter().all(is_same)
    }
}

fn commits(version: &Version, actor: &ActorId) -> Result<BTreeMap<u64, Commit>> {
    let mut commits: BTreeMap<u64, Commit> = BTreeMap::new();
    let state = version.state()?;
    let Ok(line) = state.context.position(actor) else { return Ok(commits) };
    for row in state.table.iter().filter(|row| row.actor as usize == line) {
        commits.insert(row.sequence, Commit { time: row.time, ..Commit::default() });
    }
    each_entry(version, &mut |entry| {
        if let Some(row) = state.table.get(entry.row as usize).filter(|row| row.actor as usize == line)
            && let Some(commit) = commits.get_mut(&row.sequence)
        {
            commit.entries.insert(entry.place.to_vec(), entry.value.to_vec());
        }
        Ok(())
    })?;
    Ok(commits)
}

/// Whether an actor has counted as much in the one version as in the other, place by place; `None` is a version without
/// counters.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where the bytes are not a version's.
///
/// Cost: linear in both.
pub fn counts_alike(one: Option<&Version>, other: &Version, actor: &ActorId) -> Result<bool> {
    let one = one.map_or_else(|| Ok(BTreeMap::new()), |one| totals(one, actor))?;
    let other = totals(other, actor)?;
    let alike = one.iter().zip(&other).all(|(one, other)| one.0 == other.0 && one.1.total == other.1.total);
    Ok(one.len() == other.len() && alike)
}

/// An actor's totals in all counters of a version, by place.
pub(super) fn totals(version: &Version, actor: &ActorId) -> Result<BTreeMap<Vec<u8>, Total>> {
    let mut totals = BTreeMap::new();
    let state = version.state()?;
    let Ok(line) = state.context.position(actor) else { return Ok(totals) };
    each_entry(version, &mut |entry| {
        let row = state.table.get(entry.row as usize).filter(|row| row.actor as usize == line);
        if let Some(row) = row.filter(|_| entry.is_total) {
            let (sequence, time, total) = (row.sequence, row.time, total(entry.value)?);
            totals.insert(entry.place.to_vec(), Total { sequence, time, total });
        }
        Ok(())
    })?;
    Ok(totals)
}

/// An entry and the way to it: names, forms and keys. A presence dot has no value.
struct Entry<'e> {
    place: &'e [u8],
    row: u32,
    value: &'e [u8],
    is_total: bool,
}

/// Shows all entries but those of sequences.
fn each_entry(version: &Version, each: &mut dyn FnMut(&Entry<'_>) -> Result<()>) -> Result<()> {
    let state = version.state()?;
    let mut fields = version.shape.fields(state.attributes);
    let mut walk = Walk { place: Vec::new(), depth: 0, each };
    while let Some(field) = fields.next()? {
        walk.place.clear();
        put_place(&mut walk.place, field.name, field.form);
        walk.body(field.form, field.body)?;
    }
    Ok(())
}

/// Appends a step of the way to a place.
pub(super) fn put_place(place: &mut Vec<u8>, name: &str, form: Form<'_>) {
    put_slice(place, name.as_bytes());
    place.extend_from_slice(form.as_bytes());
}

struct Walk<'w> {
    place: Vec<u8>,
    depth: usize,
    each: &'w mut dyn FnMut(&Entry<'_>) -> Result<()>,
}

impl Walk<'_> {
    fn body(&mut self, form: Form<'_>, body: &[u8]) -> Result<()> {
        if self.depth == MAX_NESTING {
            return Err(too_deep());
        }
        self.depth += 1;
        match form.structure() {
            Structure::Values => self.values(body, form.code() == code::COUNTER)?,
            Structure::Map(child) => self.map(child, body)?,
            Structure::Nested => {
                let mut fields = Fields::new(body)?;
                self.dots(fields.own)?;
                while let Some(field) = fields.next()? {
                    let outer = self.place.len();
                    put_place(&mut self.place, field.name, field.form);
                    self.body(field.form, field.body)?;
                    self.place.truncate(outer);
                }
            }
            Structure::Unit | Structure::Sequence(_) => {}
        }
        self.depth -= 1;
        Ok(())
    }

    fn map(&mut self, child: Child<'_>, body: &[u8]) -> Result<()> {
        let mut items = Items::new(body, child == Child::Unit)?;
        self.dots(items.own)?;
        while let Some(item) = items.next()? {
            let outer = self.place.len();
            put_slice(&mut self.place, item.key);
            self.dots(item.dots)?;
            match child {
                Child::Form(form) if !item.body.is_empty() => self.body(form, item.body)?,
                Child::Values => self.values(item.body, false)?,
                Child::Form(_) | Child::Unit => {}
            }
            self.place.truncate(outer);
        }
        Ok(())
    }

    fn values(&mut self, body: &[u8], is_total: bool) -> Result<()> {
        let mut values = Values::new(body);
        while let Some(entry) = values.next()? {
            (self.each)(&Entry { place: &self.place, row: entry.row, value: entry.value, is_total })?;
        }
        Ok(())
    }

    fn dots(&mut self, bytes: &[u8]) -> Result<()> {
        let mut reader = Reader::new(bytes);
        let mut dots = Dots::new(&mut reader);
        while let Some(row) = dots.next()? {
            (self.each)(&Entry { place: &self.place, row, value: &[], is_total: false })?;
        }
        Ok(())
    }
}
