//! What the people had: the state of every commit as plain maps, and where two lines of work parted.

use super::history::{Commit, History};
use dronestore::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// An object as it stood: attribute → value, all borrowed from the history.
pub(super) type Object<'h> = BTreeMap<&'h str, &'h Value>;

/// All objects at one commit.
pub(super) type World<'h> = BTreeMap<&'h str, Rc<Object<'h>>>;

/// The history with the state of every commit.
pub(super) struct People<'h> {
    pub(super) history: &'h History,
    pub(super) worlds: Vec<World<'h>>,
    /// Each commit's ancestors and itself, a bit each.
    seen: Vec<Vec<u64>>,
}

impl<'h> People<'h> {
    /// Replays a history: a commit's changes are against its first parent.
    pub(super) fn of(history: &'h History) -> People<'h> {
        let mut people = People { history, worlds: Vec::new(), seen: Vec::new() };
        for (place, commit) in history.commits.iter().enumerate() {
            let mut world =
                commit.parents.first().map_or_else(World::new, |first| people.worlds[*first].clone());
            apply(commit, &mut world);
            people.worlds.push(world);
            let mut seen = vec![0; history.commits.len().div_ceil(64)];
            for parent in &commit.parents {
                seen.iter_mut().zip(&people.seen[*parent]).for_each(|(ours, theirs)| *ours |= theirs);
            }
            seen[place / 64] |= 1 << (place % 64);
            people.seen.push(seen);
        }
        people
    }

    /// Whether a commit has seen another, or is it.
    pub(super) fn has_seen(&self, commit: usize, other: usize) -> bool {
        self.seen[commit][other / 64] >> (other % 64) & 1 == 1
    }

    /// The commits with several parents.
    pub(super) fn merges(&self) -> Vec<usize> {
        let all = self.history.commits.iter().enumerate();
        all.filter(|(_, commit)| commit.parents.len() > 1).map(|(place, _)| place).collect()
    }

    /// Whether one parent of a merge had seen the others.
    pub(super) fn is_fast_forward(&self, merge: usize) -> bool {
        let parents = &self.history.commits[merge].parents;
        parents.iter().any(|one| parents.iter().all(|other| self.has_seen(*one, *other)))
    }

    /// The state where the first two parents of a merge parted: of their last common ancestor, the latest in the file
    /// where there are several.
    pub(super) fn base(&self, merge: usize) -> World<'h> {
        let parents = &self.history.commits[merge].parents;
        let both = |place: &usize| parents.iter().all(|parent| self.has_seen(*parent, *place));
        (0..merge).rev().find(both).map_or_else(World::new, |place| self.worlds[place].clone())
    }
}

fn apply<'h>(commit: &'h Commit, world: &mut World<'h>) {
    for (name, change) in &commit.change {
        let object = Rc::make_mut(world.entry(name.as_str()).or_default());
        object.retain(|attribute, _| !change.unset.iter().any(|unset| unset == attribute));
        object.extend(change.set.iter().map(|(attribute, value)| (attribute.as_str(), value)));
    }
    for name in &commit.delete {
        world.remove(name.as_str());
    }
}
