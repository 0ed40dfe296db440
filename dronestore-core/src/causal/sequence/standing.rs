//! Edits of a head that is just what the author loaded: the usual case.

use super::edit::{Insert, Splice};
use super::needless::{needed, parts};
use super::run::{Content, Run};
use crate::error::Result;

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
    let (candidates, needed) = needed(content, &pieces, deleted, Vec::new())?;
    let mut kept = Vec::with_capacity(pieces.len());
    let mut inserts_left = inserts.iter_mut().filter(|insert| insert.after.is_some()).peekable();
    for (number, piece) in pieces.drain(..).enumerate() {
        if candidates[number] {
            kept.extend(parts(&piece, &needed));
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
