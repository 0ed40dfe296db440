//! Edits of a head that has moved on since the author loaded it.

use super::edit::{Insert, Splice};
use super::run::{Content, Id, Run};
use super::tree::{Places, arrange, sorted};
use crate::error::Result;

/// What is kept of the head, and where the insertions go in it.
pub(super) fn kept<'s, 'a>(
    content: Content,
    (base, head): (&[Run<'_>], &[Run<'a>]),
    splices: &'s [Splice<'a>],
) -> Result<(Vec<Run<'a>>, Vec<Insert<'s, 'a>>)> {
    let parts = parts(base, splices);
    let deleted = parts.iter().filter_map(|part| match part {
        Part::Delete(id, count) => Some((*id, *count)),
        _ => None,
    });
    let deleted: Vec<(Id, u32)> = deleted.collect();
    let kept = if deleted.is_empty() { head.to_vec() } else { without(content, head, deleted)? };
    let inserts = placed(&kept, &parts);
    Ok((kept, inserts))
}

/// What becomes of the visible elements of the base, from left to right.
enum Part<'s, 'a> {
    Keep(Id, u32),
    Delete(Id, u32),
    Insert(&'s Splice<'a>),
}

fn parts<'s, 'a>(base: &[Run<'_>], splices: &'s [Splice<'a>]) -> Vec<Part<'s, 'a>> {
    let mut parts = Vec::with_capacity(base.len() + 3 * splices.len());
    let mut splices = splices.iter().peekable();
    let (mut at, mut deleted) = (0, 0);
    for run in base.iter().filter(|run| run.is_visible()) {
        let mut done = 0;
        while done < run.count {
            if deleted == 0
                && let Some(splice) = splices.next_if(|splice| splice.at == at)
            {
                deleted = splice.deleted;
                if splice.inserted > 0 {
                    parts.push(Part::Insert(splice));
                }
                continue;
            }
            let left = (run.count - done) as usize;
            let id = Id { index: run.id.index + done, ..run.id };
            let count = match deleted {
                0 => left.min(splices.peek().map_or(left, |splice| splice.at.saturating_sub(at).max(1))),
                deleted => left.min(deleted),
            };
            match deleted {
                0 => parts.push(Part::Keep(id, count as u32)),
                _ => {
                    parts.push(Part::Delete(id, count as u32));
                    deleted -= count;
                }
            }
            done += count as u32;
            at += count;
        }
    }
    parts.extend(splices.filter(|splice| splice.inserted > 0).map(Part::Insert));
    parts
}

/// The head without these elements, and without the tombstones that nothing needs any more.
fn without<'a>(content: Content, head: &[Run<'a>], mut deleted: Vec<(Id, u32)>) -> Result<Vec<Run<'a>>> {
    let places = Places::of(head);
    let runs = sorted(head.to_vec(), |run| (run.id, run.last()))?;
    deleted.sort_unstable();
    let mut deleted = deleted.into_iter().peekable();
    let mut left = Vec::with_capacity(runs.len() + deleted.len());
    for run in runs {
        let mut rest = Some(run);
        while let Some(run) = rest.take() {
            let last = |(id, count): &(Id, u32)| Id { index: id.index + (count - 1), ..*id };
            while deleted.next_if(|gone| last(gone) < run.id).is_some() {}
            let Some(gone) = deleted.peek().filter(|(id, _)| *id <= run.last()) else {
                left.push(run);
                break;
            };
            if gone.0 > run.id {
                let (before, after) = run.split(content, gone.0.index - run.id.index)?;
                left.push(before);
                rest = Some(after);
            } else if last(gone) < run.last() {
                let (before, after) = run.split(content, last(gone).index - run.id.index + 1)?;
                left.push(before.tombstone());
                rest = Some(after);
            } else {
                left.push(run.tombstone());
            }
        }
    }
    arrange(content, &left, |id| places.of_element(id))
}

/// Where each insertion goes, from left to right.
fn placed<'s, 'a>(kept: &[Run<'_>], parts: &[Part<'s, 'a>]) -> Vec<Insert<'s, 'a>> {
    let mut by_name: Vec<u32> = Vec::new();
    let mut last_of = |id: Id, count: u32| {
        if by_name.is_empty() {
            by_name = (0..kept.len() as u32).collect();
            by_name.sort_unstable_by_key(|number| kept[*number as usize].id);
        }
        let last = Id { index: id.index + (count - 1), ..id };
        let near = by_name.partition_point(|number| kept[*number as usize].id <= last).checked_sub(1)?;
        let number = by_name[near] as usize;
        let found = kept[number].last().min(last);
        (found >= id).then(|| (number, found.index - kept[number].id.index))
    };
    let mut inserts: Vec<Insert<'s, 'a>> = Vec::new();
    let mut behind: Vec<(Id, u32)> = Vec::new();
    let mut after = None;
    for part in parts {
        match part {
            Part::Keep(id, count) => behind.push((*id, *count)),
            Part::Delete(..) => {}
            Part::Insert(splice) => {
                // The nearest that the head has; what was looked at once is behind the last insertion for good.
                let found = behind.iter().rev().find_map(|(id, count)| last_of(*id, *count));
                behind.clear();
                match inserts.last_mut() {
                    Some(last) if found.is_none() => last.splices.push(splice),
                    _ => {
                        after = found.or(after);
                        inserts.push(Insert { after, splices: vec![splice] });
                    }
                }
            }
        }
    }
    inserts
}
