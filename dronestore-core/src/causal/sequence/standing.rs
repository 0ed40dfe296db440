//! Edits of a head that is just what the author loaded: the usual case.

use super::edit::{Insert, Splice};
use super::near::Near;
use super::run::{Content, Id, Run, Stem};
use super::tree::{arrange, sorted};
use crate::error::Result;

/// How many times tombstones are looked for that a deletion has made needless, one above the other, before the
/// whole tree is walked.
const ROUNDS: usize = 6;

/// What is kept of the head, and where the insertions go in it.
pub(super) fn kept<'s, 'a>(
    content: Content,
    head: &[Run<'a>],
    splices: &'s [Splice<'a>],
) -> Result<(Vec<Run<'a>>, Vec<Insert<'s, 'a>>)> {
    let (mut pieces, deleted, mut inserts) = cut(content, head, splices)?;
    if deleted.is_empty() {
        return Ok((pieces, inserts));
    }
    let (candidates, needed) = needed(content, &pieces, deleted)?;
    let mut kept = Vec::with_capacity(pieces.len());
    let mut inserts_left = inserts.iter_mut().filter(|insert| insert.after.is_some()).peekable();
    for (number, piece) in pieces.drain(..).enumerate() {
        if candidates[number] {
            let first = needed.partition_point(|run| run.id < piece.id);
            for run in needed[first..].iter().take_while(|run| run.id <= piece.last()) {
                let stem = if run.id == piece.id { piece.stem } else { run.stem };
                kept.push(Run { stem, ..run.tombstone() });
            }
            continue;
        }
        while let Some(insert) =
            inserts_left.next_if(|insert| insert.after.is_some_and(|(after, _)| after == number))
        {
            insert.after = Some((kept.len(), piece.count - 1));
        }
        kept.push(piece);
    }
    Ok((kept, inserts))
}

type Cut<'s, 'a> = (Vec<Run<'a>>, Vec<usize>, Vec<Insert<'s, 'a>>);

/// The head's runs, cut where the edits are; which of them are deleted; and the insertions.
fn cut<'s, 'a>(content: Content, head: &[Run<'a>], splices: &'s [Splice<'a>]) -> Result<Cut<'s, 'a>> {
    let mut pieces = Vec::with_capacity(head.len() + 3 * splices.len());
    let (mut gone, mut inserts): (Vec<usize>, Vec<Insert<'_, '_>>) = (Vec::new(), Vec::new());
    let mut splices = splices.iter().peekable();
    let (mut at, mut deleted, mut after) = (0, 0, None);
    for run in head {
        if !run.is_visible() {
            pieces.push(*run);
            continue;
        }
        // Almost all runs are before the next edit, or behind the last.
        let count = run.count as usize;
        if deleted == 0 && splices.peek().is_none_or(|splice| splice.at >= at + count) {
            after = Some((pieces.len(), run.count - 1));
            pieces.push(*run);
            at += count;
            continue;
        }
        let mut rest = Some(*run);
        while let Some(run) = rest {
            if deleted == 0
                && let Some(splice) = splices.next_if(|splice| splice.at == at)
            {
                deleted = splice.deleted;
                insert(&mut inserts, after, splice);
                continue;
            }
            let mut up_to_the_next =
                || splices.peek().map_or(usize::MAX, |splice| splice.at.saturating_sub(at).max(1));
            let count = (run.count as usize).min(if deleted > 0 { deleted } else { up_to_the_next() });
            let (piece, after_it) = match count < run.count as usize {
                true => run.split(content, count as u32).map(|(piece, rest)| (piece, Some(rest)))?,
                false => (run, None),
            };
            if deleted > 0 {
                deleted -= count;
                gone.push(pieces.len());
            } else {
                after = Some((pieces.len(), piece.count - 1));
            }
            pieces.push(piece);
            (rest, at) = (after_it, at + count);
        }
    }
    splices.for_each(|splice| insert(&mut inserts, after, splice));
    Ok((pieces, gone, inserts))
}

fn insert<'s, 'a>(inserts: &mut Vec<Insert<'s, 'a>>, after: Option<(usize, u32)>, splice: &'s Splice<'a>) {
    match inserts.last_mut() {
        _ if splice.inserted == 0 => {}
        Some(last) if last.after == after => last.splices.push(splice),
        _ => inserts.push(Insert { after, splices: vec![splice] }),
    }
}

/// Which pieces may go, and what of them stays as tombstones because something else hangs on it; sorted by name.
///
/// Candidates are what is deleted, and tombstones on which something hung that goes; nothing else can become
/// needless.
fn needed<'a>(
    content: Content,
    pieces: &[Run<'a>],
    deleted: Vec<usize>,
) -> Result<(Vec<bool>, Vec<Run<'a>>)> {
    let mut candidates = vec![false; pieces.len()];
    let mut found = deleted;
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
    let mut stems: Vec<Id> = stems.collect();
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
