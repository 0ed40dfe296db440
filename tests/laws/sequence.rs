//! The oracle of `list` and `text`: every element that ever was, one by one, in Fugue's tree.

use super::diff::Diff;
use super::oracle::{Commits, Op, Oracle, Path};
use super::rng::Rng;
use super::shown::Val;
use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// The commit that inserted an element, and which of its elements it is.
pub type Id = (usize, usize);

/// Where an element hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stem {
    Root,
    Left(Id),
    Right(Id),
}

/// A random edit. What it inserts is there once, so that it is plain which elements went and which came.
pub fn edit(old: &[char], rng: &mut Rng) -> Val {
    thread_local!(static NEXT: Cell<u32> = const { Cell::new(0) });
    let mut new = old.to_vec();
    let fresh = || {
        let number = NEXT.replace(NEXT.get() + 1) % 60_000;
        char::from_u32(if number.is_multiple_of(2) { 0x4e00 + number / 2 } else { 0xf_0000 + number })
            .unwrap()
    };
    if rng.once_in(15) {
        new.clear();
    }
    let at = rng.below(new.len() + 1);
    let deleted = if rng.once_in(2) { rng.below(4).min(new.len() - at) } else { 0 };
    let inserted = if deleted > 0 && rng.once_in(2) { 0 } else { rng.below(4) };
    new.splice(at..at + deleted, (0..inserted).map(|_| fresh()));
    Val::Seq(new)
}

impl Oracle {
    fn grown(&self, at: Path) -> impl Iterator<Item = (Id, char, Stem)> {
        self.writes.iter().filter(move |write| write.path == at).filter_map(|write| match write.op {
            Op::Grow { index, what, stem } => Some(((write.commit, index), what, stem)),
            _ => None,
        })
    }

    fn element(&self, at: Path, id: Id) -> (char, Stem) {
        let (_, what, stem) = self.grown(at).find(|(other, ..)| *other == id).unwrap();
        (what, stem)
    }

    /// The elements that are part of it.
    fn visible(&self, at: Path, known: Commits) -> BTreeSet<Id> {
        let mut visible: BTreeSet<Id> = self
            .standing(at, known)
            .filter(|write| write.path == at)
            .filter_map(|write| match write.op {
                Op::Grow { index, .. } => Some((write.commit, index)),
                _ => None,
            })
            .collect();
        for write in self.writes.iter().filter(|write| write.path == at && known >> write.commit & 1 == 1) {
            if let Op::Cut(id) = write.op {
                visible.remove(&id);
            }
        }
        visible
    }

    /// These elements and all that they hang on.
    fn with_ancestors(&self, at: Path, of: &BTreeSet<Id>) -> BTreeSet<Id> {
        let mut nodes = BTreeSet::new();
        for id in of {
            let mut next = Some(*id);
            while let Some(id) = next.filter(|id| nodes.insert(*id)) {
                next = match self.element(at, id).1 {
                    Stem::Root => None,
                    Stem::Left(parent) | Stem::Right(parent) => Some(parent),
                };
            }
        }
        nodes
    }

    fn tree_order(&self, at: Path, nodes: &BTreeSet<Id>) -> Vec<Id> {
        let mut tree: Vec<(Id, Stem)> = nodes.iter().map(|id| (*id, self.element(at, *id).1)).collect();
        let name = |(commit, index): Id| {
            // The newest first.
            Reverse((self.commits[commit].stamp, index))
        };
        tree.sort_by_key(|(id, _)| name(*id));
        let mut order = Vec::new();
        below(Stem::Root, &tree, &mut order);
        order
    }

    pub fn sequence(&self, at: Path, known: Commits) -> Vec<(Id, char)> {
        let visible = self.visible(at, known);
        let mut order = self.tree_order(at, &self.with_ancestors(at, &visible));
        order.retain(|id| visible.contains(id));
        order.into_iter().map(|id| (id, self.element(at, id).0)).collect()
    }
}

fn below(stem: Stem, tree: &[(Id, Stem)], order: &mut Vec<Id>) {
    for (id, _) in tree.iter().filter(|(_, other)| *other == stem) {
        below(Stem::Left(*id), tree, order);
        order.push(*id);
        below(Stem::Right(*id), tree, order);
    }
}

impl Diff<'_> {
    pub fn sequence(&mut self, at: Path, is_new: bool, new: &[char]) {
        let old = self.oracle.sequence(at, self.base);
        let is_kept = |element: &(Id, char)| new.contains(&element.1);
        let (kept, gone): (Vec<_>, Vec<_>) = old.into_iter().partition(is_kept);
        self.ops.extend(gone.iter().map(|(id, _)| (at, Op::Cut(*id))));
        let mut left = self.oracle.visible(at, self.head);
        left.retain(|id| !gone.iter().any(|(other, _)| other == id));
        // In the head as it is after the deletions each insertion goes behind what the author kept before it.
        let nodes = self.oracle.with_ancestors(at, &left);
        let mut order = self.oracle.tree_order(at, &nodes);
        let mut stems: Vec<Stem> = nodes.iter().map(|id| self.oracle.element(at, *id).1).collect();
        let commit = self.oracle.commits.len();
        let (mut after, mut index): (Option<Id>, usize) = (None, 0);
        for what in new {
            if let Some((id, _)) = kept.iter().find(|(_, kept)| kept == what) {
                after = order.contains(id).then_some(*id).or(after);
                continue;
            }
            let place = after.map_or(0, |after| order.iter().position(|id| *id == after).unwrap() + 1);
            let stem = match (after, order.get(place)) {
                (Some(after), Some(next)) if stems.contains(&Stem::Right(after)) => Stem::Left(*next),
                (Some(after), _) => Stem::Right(after),
                (None, Some(next)) => Stem::Left(*next),
                (None, None) => Stem::Root,
            };
            let id = (commit, index);
            order.insert(place, id);
            stems.push(stem);
            self.ops.push((at, Op::Grow { index, what: *what, stem }));
            (after, index) = (Some(id), index + 1);
        }
        if is_new && new.is_empty() {
            self.ops.push((at, Op::Touch));
        }
    }
}
