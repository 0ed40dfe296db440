//! The insertion tree: which elements are needed, and in what order they stand.

use super::run::{Content, Id, Run, Stem};
use crate::error::{Error, Result};
use crate::time::Nanotime;
use std::cmp::Reverse;

/// No node.
const NONE: u32 = u32::MAX;

/// Sorts runs by the names of their elements.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where two runs hold one element.
pub fn sorted<T>(mut runs: Vec<T>, run: impl Fn(&T) -> (Id, Id)) -> Result<Vec<T>> {
    runs.sort_unstable_by_key(|one| run(one).0);
    match runs.windows(2).any(|pair| run(&pair[0]).1 >= run(&pair[1]).0) {
        true => Err(Error::corrupt("an element stands twice in a sequence")),
        false => Ok(runs),
    }
}

/// Where elements stand in a text, by their names: what is only taken out of one text needs no other rank.
#[derive(Debug)]
pub struct Places(Vec<(Id, usize)>);

impl Places {
    /// The places of these runs, given in the order of the text.
    pub fn of(runs: &[Run<'_>]) -> Places {
        let mut places: Vec<_> = runs.iter().enumerate().map(|(number, run)| (run.id, number)).collect();
        places.sort_unstable();
        Places(places)
    }

    /// The place of an element: its run, and where it is in that.
    pub fn of_element(&self, id: Id) -> (usize, u32) {
        let after = self.0.partition_point(|(first, _)| *first <= id);
        (after.checked_sub(1).map_or(0, |run| self.0[run].1), id.index)
    }
}

/// The rank of an element among those that hang on the same side of the same: the newest comes first.
///
/// Whoever has deleted an element and inserts in its place has not even a tombstone of it. Should something hang on
/// it elsewhere, it is a sibling then, and older: what was inserted in its place comes before it, and before what
/// others have inserted behind it.
pub fn newest_first(times: &[Nanotime]) -> impl Fn(Id) -> Reverse<(Nanotime, Id)> {
    |id| Reverse((times.get(id.row as usize).copied().unwrap_or(Nanotime::MIN), id))
}

/// Of these runs, sorted by name, those elements that are visible or that a visible one hangs below, in the order of
/// the text. Of elements that hang on one side of another the one with the smaller rank comes first.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where an element hangs on one that is not there, or below itself.
///
/// Cost: n log n in the number of runs, whatever their length and however deep the tree; no recursion.
pub fn arrange<'a, R: Ord>(
    content: Content,
    runs: &[Run<'a>],
    rank: impl Fn(Id) -> R,
) -> Result<Vec<Run<'a>>> {
    let nodes = cut(content, runs)?;
    if nodes.len() >= NONE as usize {
        return Err(Error::corrupt("a sequence has too many runs"));
    }
    let mut tree = Tree::of(&nodes)?;
    tree.order_siblings(|node| rank(nodes[node as usize].id));
    let (entered, order) = tree.walk();
    if entered.len() != nodes.len() {
        return Err(Error::corrupt("an element of a sequence hangs below itself"));
    }
    let needed = tree.needed(&nodes, &entered);
    let keep = |node: u32| Run { count: needed[node as usize], ..nodes[node as usize] };
    Ok(order.into_iter().map(keep).filter(|run| run.count > 0).collect())
}

/// Cuts runs where something hangs on the left of an element but the first, or on the right of one but the last.
fn cut<'a>(content: Content, runs: &[Run<'a>]) -> Result<Vec<Run<'a>>> {
    let mut cuts: Vec<Id> = Vec::with_capacity(runs.len());
    let mut put = |cut: Id| {
        if cuts.last() != Some(&cut) {
            cuts.push(cut);
        }
    };
    for run in runs {
        match run.stem {
            Stem::Root => {}
            Stem::Left(id) => put(id),
            // Behind the last of all names there is nothing to cut off.
            Stem::Right(id) => id.index.checked_add(1).into_iter().for_each(|index| put(Id { index, ..id })),
        }
    }
    cuts.sort_unstable();
    let mut cuts = cuts.into_iter().peekable();
    let mut nodes = Vec::with_capacity(runs.len());
    for run in runs {
        let mut rest = *run;
        while let Some(cut) = cuts.next_if(|cut| *cut <= rest.last()) {
            if cut > rest.id {
                let (before, after) = rest.split(content, cut.index - rest.id.index)?;
                nodes.push(before);
                rest = after;
            }
        }
        nodes.push(rest);
    }
    Ok(nodes)
}

/// The nodes as linked lists, the last sibling first.
struct Tree {
    /// The parent of each node, shifted left, and whether it hangs on the right; `NONE` for the root.
    parents: Vec<(u32, bool)>,
    lefts: Vec<u32>,
    rights: Vec<u32>,
    root: u32,
    next: Vec<u32>,
}

impl Tree {
    fn of(nodes: &[Run<'_>]) -> Result<Tree> {
        let none = || vec![NONE; nodes.len()];
        let parents = Vec::with_capacity(nodes.len());
        let mut tree = Tree { parents, lefts: none(), rights: none(), root: NONE, next: none() };
        for (number, node) in nodes.iter().enumerate() {
            let number = number as u32;
            let (parent, side) = match node.stem {
                Stem::Root => (NONE, true),
                Stem::Left(id) => (find(nodes, id, number, |parent| parent.id == id)?, false),
                Stem::Right(id) => (find(nodes, id, number, |parent| parent.last() == id)?, true),
            };
            tree.parents.push((parent, side));
            let list = match (parent, side) {
                (NONE, _) => &mut tree.root,
                (parent, true) => &mut tree.rights[parent as usize],
                (parent, false) => &mut tree.lefts[parent as usize],
            };
            tree.next[number as usize] = std::mem::replace(list, number);
        }
        Ok(tree)
    }

    /// Puts siblings into the order of their ranks, the last first; few elements have any.
    fn order_siblings<R: Ord>(&mut self, rank: impl Fn(u32) -> R) {
        let Tree { lefts, rights, root, next, .. } = self;
        let mut siblings: Vec<u32> = Vec::new();
        for first in lefts.iter_mut().chain(rights).chain(std::iter::once(root)) {
            if *first == NONE || next[*first as usize] == NONE {
                continue;
            }
            let mut sibling = *first;
            while sibling != NONE {
                siblings.push(sibling);
                sibling = next[sibling as usize];
            }
            siblings.sort_by_key(|node| rank(*node));
            *first = NONE;
            for sibling in siblings.drain(..) {
                next[sibling as usize] = std::mem::replace(first, sibling);
            }
        }
    }

    /// The nodes, each before all that hangs on it; and the nodes in the order of the text.
    fn walk(&self) -> (Vec<u32>, Vec<u32>) {
        let (mut entered, mut order) =
            (Vec::with_capacity(self.next.len()), Vec::with_capacity(self.next.len()));
        // A node and whether what hangs on its left was walked already.
        let mut stack: Vec<(u32, bool)> = Vec::with_capacity(16);
        self.push(self.root, &mut stack);
        while let Some((node, ready)) = stack.pop() {
            if ready {
                order.push(node);
                continue;
            }
            entered.push(node);
            self.push(self.rights[node as usize], &mut stack);
            stack.push((node, true));
            self.push(self.lefts[node as usize], &mut stack);
        }
        (entered, order)
    }

    fn push(&self, mut sibling: u32, stack: &mut Vec<(u32, bool)>) {
        while sibling != NONE {
            stack.push((sibling, false));
            sibling = self.next[sibling as usize];
        }
    }

    /// How many elements of each node are needed: of a tombstone on whose left alone something hangs the first.
    fn needed(&self, nodes: &[Run<'_>], entered: &[u32]) -> Vec<u32> {
        let visible = |node: &Run<'_>| if node.is_visible() { node.count } else { 0 };
        let mut needed: Vec<u32> = nodes.iter().map(visible).collect();
        for node in entered.iter().rev() {
            let (parent, right) = self.parents[*node as usize];
            if needed[*node as usize] > 0 && parent != NONE {
                let all = nodes[parent as usize].count;
                let count = &mut needed[parent as usize];
                *count = (*count).max(if right { all } else { 1 });
            }
        }
        needed
    }
}

fn find(nodes: &[Run<'_>], id: Id, child: u32, is_it: impl Fn(&Run<'_>) -> bool) -> Result<u32> {
    // Mostly it is the node before: the two were cut apart.
    let before = (child as usize).checked_sub(1);
    let near = before.filter(|before| nodes[*before].id <= id && id <= nodes[*before].last());
    let found = near.or_else(|| nodes.partition_point(|node| node.id <= id).checked_sub(1));
    let found = found.filter(|found| is_it(&nodes[*found]));
    found.map(|found| found as u32).ok_or_else(|| Error::corrupt("an element hangs on one that is not there"))
}
