//! Kin: an actor that took over another's writes stands close behind it in the order of actors. So a version tells by
//! its context alone that an actor of it forked, and whoever meets the old name and the new one looks before it joins.

use super::{Merged, Version};
use crate::actor::ActorId;
use crate::causal::Context;
use crate::causal::state::State;
use crate::error::Result;
use crate::time::Nanotime;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// How many actors stand behind one as its kin: of those that are drawn at random hardly one ever does.
const KIN: u128 = 1 << 64;

fn number(actor: &ActorId) -> u128 {
    actor.as_bytes().iter().fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

/// Whether the second actor is where those stand who take over the first one's writes.
pub(super) fn is_kin(actor: &ActorId, heir: &ActorId) -> bool {
    (1..KIN).contains(&number(heir).wrapping_sub(number(actor)))
}

/// The first actor behind this one that is no longer its kin; the last of all where there is none.
pub fn end_of_kin(actor: &ActorId) -> ActorId {
    let end = (number(actor) + KIN).min((1 << 96) - 1).to_be_bytes();
    end.last_chunk().map_or(*actor, |bytes| ActorId::from_bytes(*bytes))
}

/// Whether two versions are to be settled, also where a merge finds nothing: one of them knows a new name where the
/// other bears the old one, or both name different commits alike.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where the bytes are not a version's.
///
/// Cost: linear in the actors and, for what would be taken as it is, in the rows.
pub fn must_settle(ours: &Version, theirs: &Version, merged: &Merged) -> Result<bool> {
    let (a, b) = match merged {
        Merged::Known => return Ok(false),
        Merged::Joined(_) => (ours.context(), theirs.context()),
        Merged::Forward => {
            let (a, b) = (ours.state()?, theirs.state()?);
            if is_torn(&a, &b) {
                return Ok(true);
            }
            (a.context, b.context)
        }
    };
    Ok(has_heir(&a, &b) || has_heir(&b, &a))
}

/// Whether two versions are seen to name different commits alike, whatever a merge finds.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where the bytes are not a version's.
///
/// Cost: linear in the rows of both.
pub fn forks(ours: &Version, theirs: &Version) -> Result<bool> {
    Ok(is_torn(&ours.state()?, &theirs.state()?))
}

/// Whether there is kin, unknown here, of an actor that is known here: of the next one before it, then.
fn has_heir(here: &Context, there: &Context) -> bool {
    there.entries().iter().any(|heir| {
        let Err(place) = here.position(&heir.actor) else { return false };
        let before = place.checked_sub(1).and_then(|before| here.entries().get(before));
        before.is_some_and(|seen| is_kin(&seen.actor, &heir.actor))
    })
}

/// The actors of the one that have kin in the other which the one does not know.
pub(super) fn inherited(here: &Context, there: &Context) -> Vec<ActorId> {
    let has_kin = |actor: &ActorId| {
        let behind = there.position(actor).map_or_else(|place| place, |place| place + 1);
        let mut kin = there.entries().iter().skip(behind).take_while(|seen| is_kin(actor, &seen.actor));
        kin.any(|heir| here.get(&heir.actor).is_none())
    };
    here.entries().iter().map(|seen| seen.actor).filter(has_kin).collect()
}

/// Whether one dot has two times: tables are in the order of dots, lines may differ.
fn is_torn(a: &State<'_>, b: &State<'_>) -> bool {
    let mut theirs = b.table.iter().peekable();
    a.table.iter().any(|row| {
        let dot = a.dot(row);
        while theirs.next_if(|row| b.dot(row) < dot).is_some() {}
        theirs.peek().is_some_and(|other| b.dot(other) == dot && other.time != row.time)
    })
}

/// Whether one commit stands in a version under two names.
pub(super) fn is_doubled(version: &Version) -> Result<bool> {
    let state = version.state()?;
    let entries = state.context.entries();
    if !entries.windows(2).any(|pair| is_kin(&pair[0].actor, &pair[1].actor)) {
        return Ok(false);
    }
    let mut times: BTreeMap<Nanotime, Vec<ActorId>> = BTreeMap::new();
    for row in &state.table {
        let actor = state.dot(row).actor;
        let same = times.entry(row.time).or_default();
        if same.iter().any(|other| is_kin(other, &actor)) {
            return Ok(true);
        }
        same.push(actor);
    }
    Ok(false)
}

/// An order of all versions of an object in which nothing that is merged, renamed or settled ever goes back: by what
/// they have seen of the last actor, then of the one before. Equal for equal versions only.
pub(super) fn order(ours: &Version, theirs: &Version) -> Ordering {
    let (a, b) = (ours.context(), theirs.context());
    let (mut a, mut b) = (a.entries().iter().rev(), b.entries().iter().rev());
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return ours.hash.as_bytes().cmp(theirs.hash.as_bytes()),
            (x, y) => x
                .map(|seen| (seen.actor, seen.sequence, seen.tag))
                .cmp(&y.map(|seen| (seen.actor, seen.sequence, seen.tag))),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// A version with the writes that bear a new name in another under that name; `None` where there are none.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where the bytes are not a version's.
///
/// Cost: linear in the actors, and some copies of the version where the other knows kin of them.
pub fn named_as_in(version: &Version, other: &Version) -> Result<Option<Version>> {
    let mut named: Option<Version> = None;
    for actor in inherited(&version.context(), &other.context()) {
        let renamed = named.as_ref().unwrap_or(version).renamed_as_in(other, &actor)?;
        named = renamed.or(named);
    }
    Ok(named)
}

/// Whether all that a version holds is part of another, with an actor's writes under the name that they bear there.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where the bytes are not a version's.
///
/// Cost: some copies of the version, where the other knows kin of its actors.
pub fn came_back(version: &Version, standing: &Version) -> Result<bool> {
    let Some(found) = named_as_in(version, standing)? else { return Ok(false) };
    Ok(matches!(standing.merge(&found), Ok(Merged::Known)) && !is_torn(&found.state()?, &standing.state()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kin_stand_close_behind() {
        let actor = |first: u8, last: u8| {
            let mut bytes = [first; ActorId::LENGTH];
            bytes[ActorId::LENGTH - 1] = last;
            ActorId::from_bytes(bytes)
        };
        assert!(is_kin(&actor(7, 7), &actor(7, 8)));
        assert!(!is_kin(&actor(7, 8), &actor(7, 7)) && !is_kin(&actor(7, 7), &actor(7, 7)));
        assert!(!is_kin(&actor(7, 7), &end_of_kin(&actor(7, 7))) && !is_kin(&actor(7, 7), &actor(8, 7)));
        assert_eq!(end_of_kin(&actor(0xff, 1)), actor(0xff, 0xff));
    }
}
