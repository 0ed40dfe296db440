//! Tombstones that nothing needs any more, where almost all others stay.

use super::near::Near;
use super::run::{Content, Id, Run, Stem};
use super::tree::{arrange, sorted};
use crate::error::Result;

/// How many times tombstones are looked for that a deletion has made needless, one above the other, before the
/// whole tree is walked.
const ROUNDS: usize = 6;

/// Which pieces may go, and what of them stays as tombstones because something else hangs on it; sorted by name.
///
/// Candidates are what is deleted, and tombstones on which something hung that goes: `stems` is what those hung on that are
/// gone already. Nothing else can become needless.
pub(super) fn needed<'a>(
    content: Content,
    pieces: &[Run<'a>],
    deleted: Vec<usize>,
    stems: Vec<Id>,
) -> Result<(Vec<bool>, Vec<Run<'a>>)> {
    let mut candidates = vec![false; pieces.len()];
    let mut found = deleted;
    found.extend(bearers(pieces, &candidates, stems));
    for _ in 0..ROUNDS {
        found.iter().for_each(|number| candidates[*number] = true);
        let needed = needed_of(content, pieces, &candidates)?;
        found = orphans(pieces, &candidates, &needed);
        if found.is_empty() {
            return Ok((candidates, needed));
        }
    }
    // All tombstones at once, and the visible as they are.
    for (number, piece) in pieces.iter().enumerate() {
        candidates[number] |= !piece.is_visible();
    }
    let needed = needed_of(content, pieces, &candidates)?;
    Ok((candidates, needed))
}

/// What stays of a candidate.
pub(super) fn parts<'n, 'a>(
    piece: &Run<'a>,
    needed: &'n [Run<'a>],
) -> impl Iterator<Item = Run<'a>> + use<'n, 'a> {
    let (id, last, stem) = (piece.id, piece.last(), piece.stem);
    let first = needed.partition_point(|run| run.id < id);
    let own = needed[first..].iter().take_while(move |run| run.id <= last);
    own.map(move |run| Run { stem: if run.id == id { stem } else { run.stem }, ..run.tombstone() })
}

/// Of the candidates that on which something hangs that stays.
fn needed_of<'a>(content: Content, pieces: &[Run<'a>], candidates: &[bool]) -> Result<Vec<Run<'a>>> {
    let each = || pieces.iter().zip(candidates);
    let of_them: Vec<Run<'_>> = each().filter(|(_, is)| **is).map(|(piece, _)| piece.tombstone()).collect();
    let mut tree = sorted(of_them, |run| (run.id, run.last()))?;
    let count = tree.len();
    let near = Near::of(tree.iter().map(|run| run.id));
    let is_candidate = |tree: &[Run<'_>], id: Id| {
        let near = tree[..count].partition_point(|run| run.id <= id).checked_sub(1);
        near.is_some_and(|near| tree[near].last() >= id)
    };
    for (piece, _) in each().filter(|(_, is)| !**is) {
        if near.stem(piece).is_some_and(|id| is_candidate(&tree, id)) {
            // One element that stays is enough to say so.
            tree.push(Run { count: 1, content: b"-", ..*piece });
        }
    }
    for number in 0..count {
        if let Stem::Left(id) | Stem::Right(id) = tree[number].stem
            && !is_candidate(&tree, id)
        {
            tree[number].stem = Stem::Root;
        }
    }
    let tree = sorted(tree, |run| (run.id, run.last()))?;
    let mut needed = arrange(content, &tree, |_| ())?;
    needed.retain(|run| !run.is_visible());
    sorted(needed, |run| (run.id, run.last()))
}

/// The tombstones, no candidates yet, on which a candidate hung that goes.
fn orphans(pieces: &[Run<'_>], candidates: &[bool], needed: &[Run<'_>]) -> Vec<usize> {
    let stays = |run: &Run<'_>| needed.binary_search_by_key(&run.id, |needed| needed.id).is_ok();
    let goes = pieces.iter().zip(candidates).filter(|(piece, is)| **is && !stays(piece));
    let stems = goes.filter_map(|(piece, _)| match piece.stem {
        Stem::Root => None,
        Stem::Left(id) | Stem::Right(id) => Some(id),
    });
    bearers(pieces, candidates, stems.collect())
}

/// The tombstones, no candidates yet, that have one of these elements.
fn bearers(pieces: &[Run<'_>], candidates: &[bool], mut stems: Vec<Id>) -> Vec<usize> {
    if stems.is_empty() {
        return Vec::new();
    }
    stems.sort_unstable();
    let near = Near::of(stems.iter().copied());
    let bears_one = |piece: &Run<'_>| {
        let next = stems.get(stems.partition_point(|stem| *stem < piece.id));
        next.is_some_and(|stem| *stem <= piece.last())
    };
    let all = pieces.iter().zip(candidates).enumerate();
    all.filter(|(_, (piece, is))| !**is && !piece.is_visible() && near.may_be(piece.id) && bears_one(piece))
        .map(|(number, _)| number)
        .collect()
}
