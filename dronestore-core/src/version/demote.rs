//! Demotion: of two versions that name different writes of one actor alike, one stands for that actor, the same one
//! wherever the two meet; the other is joined to it without what it says of this actor, so that what others wrote there
//! stays, without the Rust types.
//!
//! What both show of the actor's commits was made before they forked, and stays on both sides.

use super::kin::{is_doubled, named_as_in, order};
use super::{Merged, Shape, ShapeBuilder, Version};
use crate::actor::ActorId;
use crate::bytes::put_sized;
use crate::causal::join::{Fate, Join, Slot};
use crate::causal::state::{Row, Rows, State, Tip, TipList};
use crate::causal::{Context, Dot, Seen};
use crate::error::{ErrorKind, Result};
use crate::time::Nanotime;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Two versions that fork, as one.
#[derive(Debug, Clone)]
pub struct Settled {
    /// What stands from here on.
    pub version: Version,
    /// Whether writes of ours are not part of it.
    pub ours_lost: bool,
    /// Whether writes of theirs are not part of it.
    pub theirs_lost: bool,
}

/// Settles two versions of one object that cannot be merged because they fork, or that are said to fork under
/// `actor`, or of which one knows a new name for what the other names by the old one.
///
/// Writes that bear a new name in the one bear it in the other, too. Else, for each actor that forks, the version with
/// more of its commits stands, of two with as many that with the larger tag. Where the two have no join even so, one of
/// them stands whole, by an order of all versions that no merge ever goes back in: so replicas agree at last, whatever
/// met what first.
///
/// # Errors
/// As [`Version::merge`], but for [`Forked`](crate::ErrorKind::Forked).
///
/// Cost: some joins.
pub fn settle(ours: &Version, theirs: &Version, actor: Option<&ActorId>) -> Result<Settled> {
    // Where one of them is damaged, that is said.
    ours.state()?;
    theirs.state()?;
    let joined = match join(ours, theirs, actor) {
        Err(error) if error.kind() == ErrorKind::Forked || error.is_corrupt() => None,
        joined => joined?,
    };
    if let Some(settled) = joined {
        let goes_back = |from: &Version| order(&settled.version, from) == Ordering::Less;
        let is_whole = || Version::from_bytes(&settled.version.to_bytes()).is_ok();
        if !goes_back(ours) && !goes_back(theirs) && !is_doubled(&settled.version)? && is_whole() {
            return Ok(settled);
        }
    }
    let is_ours = order(ours, theirs) != Ordering::Less;
    let version = if is_ours { ours.clone() } else { theirs.clone() };
    Ok(Settled { version, ours_lost: !is_ours, theirs_lost: is_ours && ours != theirs })
}

fn join(ours: &Version, theirs: &Version, actor: Option<&ActorId>) -> Result<Option<Settled>> {
    let (a, b) = (named_as_in(ours, theirs)?, named_as_in(theirs, ours)?);
    let is_renamed = a.is_some() || b.is_some();
    let (mut a, mut b) = (a.unwrap_or_else(|| ours.clone()), b.unwrap_or_else(|| theirs.clone()));
    let (mut ours_lost, mut theirs_lost) = (false, false);
    for actor in forked(&a, &b, actor.filter(|_| !is_renamed))? {
        let last = |version: &Version| version.seen(&actor).map(|seen| (seen.sequence, seen.tag));
        let (loser, winner, lost) = match last(&a) > last(&b) {
            true => (&mut b, &a, &mut theirs_lost),
            false => (&mut a, &b, &mut ours_lost),
        };
        let Some(demoted) = demoted(loser, winner, &actor)? else { return Ok(None) };
        (*loser, *lost) = (demoted, true);
    }
    let version = match ours_lost || theirs_lost {
        // What lost may have had nothing else.
        true if a.context().is_empty() => b,
        true if b.context().is_empty() => a,
        _ => match a.merge(&b)? {
            Merged::Known => a,
            Merged::Forward => b,
            Merged::Joined(version) => version,
        },
    };
    Ok(Some(Settled { version, ours_lost, theirs_lost }))
}

/// The actors of which one name is two commits.
fn forked(ours: &Version, theirs: &Version, also: Option<&ActorId>) -> Result<Vec<ActorId>> {
    let (a, b) = (ours.state()?, theirs.state()?);
    let times: BTreeMap<Dot, Nanotime> = b.table.iter().map(|row| (b.dot(row), row.time)).collect();
    let is_other = |dot: &Dot, time| times.get(dot).is_some_and(|other| *other != time);
    let rows = a.table.iter().map(|row| (a.dot(row), row.time));
    let mut forked: BTreeSet<ActorId> =
        rows.filter(|(dot, time)| is_other(dot, *time)).map(|(dot, _)| dot.actor).collect();
    for seen in a.context.entries() {
        let Some(other) = b.context.get(&seen.actor) else { continue };
        if Some(&seen.actor) == also || (other.sequence == seen.sequence && other.tag != seen.tag) {
            forked.insert(seen.actor);
        }
    }
    Ok(forked.into_iter().collect())
}

/// A version without an actor's commits but for those that are seen to be the winner's too.
fn demoted(loser: &Version, winner: &Version, actor: &ActorId) -> Result<Option<Version>> {
    let (state, other) = (loser.state()?, winner.state()?);
    let times: BTreeMap<u64, Nanotime> = other.rows_of(actor).map(|row| (row.sequence, row.time)).collect();
    let is_shared = |row: &&Row| times.get(&row.sequence) == Some(&row.time);
    let above = state.rows_of(actor).filter(is_shared).map(|row| row.sequence).max().unwrap_or(0);
    let Ok(line) = state.context.position(actor) else { return Ok(Some(loser.clone())) };
    let goes: Vec<bool> =
        state.table.iter().map(|row| row.actor as usize == line && row.sequence > above).collect();
    let fates = goes.iter().map(|goes| if *goes { Fate::Dead } else { Fate::Lives });
    let slots = (0..).zip(fates).map(|(to, fate)| Slot { to, fate }).collect();
    let mut copy = Join::copy(slots, goes.len());
    let (shape, attributes) = copied(&loser.shape, state.attributes, &mut copy)?;
    let tips = tips(&state, &goes);
    tips.iter().for_each(|tip| _ = copy.mark(tip.row));
    let used = copy.used().to_vec();
    if used.iter().zip(&goes).any(|(used, goes)| *used && *goes) {
        return Ok(None);
    }
    let moved = used.iter().scan(0, |next, used| {
        let to = *next;
        *next += u32::from(*used);
        Some(Slot { to, fate: Fate::Lives })
    });
    let slots: Vec<Slot> = moved.collect();
    let to = |row: u32| slots.get(row as usize).map_or(row, |slot| slot.to);
    let tips = tips.iter().map(|tip| Tip { row: to(tip.row), ..*tip }).collect();
    let (shape, attributes) = copied(&shape, &attributes, &mut Join::copy(slots.clone(), used.len()))?;
    let mut context = Context::default();
    for seen in state.context.entries() {
        match seen.actor == *actor {
            // The winner's line stands in the join, whatever the tag is here.
            true if above > 0 => context.advance(Seen { sequence: above, tag: [0; 4], ..*seen }),
            true => {}
            false => context.advance(*seen),
        }
    }
    let further = |row: &Row| u32::from(above == 0 && row.actor as usize > line);
    let table = state.table.iter().zip(&used).filter(|(_, used)| **used);
    let table: Rows = table.map(|(row, _)| Row { actor: row.actor - further(row), ..*row }).collect();
    let state = State { tips, created: state.created, context, table, attributes: &attributes };
    Ok(Some(Version::seal(loser.key.clone(), shape, &state, &mut Vec::new())))
}

/// The tips that stay; where none does, the last commits of each actor of which something stands.
fn tips(state: &State<'_>, goes: &[bool]) -> TipList {
    let stays = |row: u32| goes.get(row as usize) == Some(&false);
    let tips: TipList = state.tips.iter().filter(|tip| stays(tip.row)).copied().collect();
    if !tips.is_empty() {
        return tips;
    }
    let rows = state.table.iter().zip(0..).filter(|(_, number)| stays(*number));
    let mut last: Vec<(u32, u32)> = rows.map(|(row, number)| (row.actor, number)).collect();
    last.reverse();
    last.dedup_by_key(|(actor, _)| *actor);
    last.iter().rev().map(|(_, row)| Tip { row: *row, deleted: false }).collect()
}

/// The attributes of which something stays.
fn copied(shape: &Arc<Shape>, attributes: &[u8], copy: &mut Join) -> Result<(Arc<Shape>, Vec<u8>)> {
    let (mut out, mut index) = (Vec::with_capacity(attributes.len()), 0);
    let mut builder = ShapeBuilder::like(shape.clone());
    let mut fields = shape.fields(attributes);
    while let Some(field) = fields.next()? {
        let start = out.len();
        put_sized(&mut out, |out| copy.body(field.form.structure(), field.body, &[], out))?;
        match out.len() == start + 1 {
            true => out.truncate(start),
            false => builder.push_same(index, field.name, field.form.as_bytes()),
        }
        index += 1;
    }
    Ok((builder.finish()?, out))
}
