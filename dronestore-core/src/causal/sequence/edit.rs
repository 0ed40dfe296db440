//! Edits: what a commit makes of a sequence.

use super::near::Near;
use super::run::{Content, Id, Run, Stem};
use super::{moved, standing};
use crate::error::{Error, ErrorKind, Result};

/// One edit of the visible elements: some are deleted, others inserted in their place.
#[derive(Debug, Clone, Copy)]
pub struct Splice<'a> {
    /// Where, counted in the elements as they were before all edits.
    pub at: usize,
    /// How many are deleted from there on.
    pub deleted: usize,
    /// How many are inserted.
    pub inserted: u32,
    /// What is inserted.
    pub content: &'a [u8],
}

/// The runs of `head` after edits that were made on `base`, in the order of the text. The edits come in the order
/// of their positions and do not touch; what they insert is named by `row`, from index 0.
///
/// `base` is what the author had loaded, where that is not the head itself, named in the rows of the head; what the
/// head has not at all bears the row [`u32::MAX`]. An insertion goes behind the nearest element on its left that
/// the author has left and the head has.
///
/// # Errors
/// [`Corrupt`](crate::ErrorKind::Corrupt) where the runs are no sequence.
///
/// Cost: linear in the runs and in the edits; on a head that has moved on the runs are sorted.
pub fn splice<'a>(
    content: Content,
    (base, head): (Option<&[Run<'_>]>, &[Run<'a>]),
    splices: &[Splice<'a>],
    row: u32,
) -> Result<Vec<Run<'a>>> {
    let (kept, inserts) = match base {
        None => standing::kept(content, head, splices)?,
        Some(base) => moved::kept(content, (base, head), splices)?,
    };
    if inserts.is_empty() {
        return Ok(kept);
    }
    let has_right = has_right(&kept, &inserts);
    let mut weave = Weave { content, kept: &kept, edited: Vec::new(), next: 0, rest: None };
    weave.edited.reserve(kept.len() + 2 * inserts.len());
    let mut id = Id { row, index: 0 };
    for (insert, has_right) in inserts.iter().zip(has_right) {
        let mut stem = weave.up_to(insert.after, has_right)?;
        for splice in &insert.splices {
            let run = Run { id, count: splice.inserted, stem, content: splice.content };
            id.index = id.index.checked_add(splice.inserted).ok_or_else(too_many)?;
            stem = Stem::Right(run.last());
            weave.edited.push(run);
        }
    }
    weave.edited.extend(weave.rest);
    weave.edited.extend_from_slice(&kept[weave.next..]);
    Ok(weave.edited)
}

/// The runs that are kept, as they go over into the edited ones.
struct Weave<'k, 'a> {
    content: Content,
    kept: &'k [Run<'a>],
    edited: Vec<Run<'a>>,
    /// The first run of which nothing has gone over.
    next: usize,
    /// What is left of the run before, of which some has.
    rest: Option<Run<'a>>,
}

impl Weave<'_, '_> {
    /// Takes over all up to this element, of which it is known whether something hangs on the right of the last of
    /// its run; gives the stem of an insertion behind it.
    fn up_to(&mut self, after: Option<(usize, u32)>, has_right: bool) -> Result<Stem> {
        let Some((number, at)) = after else {
            return Ok(self.kept.first().map_or(Stem::Root, |first| Stem::Left(first.id)));
        };
        if number >= self.next {
            self.edited.extend(self.rest.take());
            self.edited.extend_from_slice(&self.kept[self.next..number]);
            self.next = number + 1;
            self.rest = Some(self.kept[number]);
        }
        let id = Id { index: self.kept[number].id.index + at, ..self.kept[number].id };
        let run = self.rest.take().filter(|rest| rest.id <= id && id <= rest.last()).ok_or_else(disorder)?;
        if id == run.last() {
            self.edited.push(run);
            let follows = self.kept.get(self.next).filter(|_| has_right);
            return Ok(follows.map_or(Stem::Right(id), |next| Stem::Left(next.id)));
        }
        let (before, rest) = run.split(self.content, id.index - run.id.index + 1)?;
        self.edited.push(before);
        self.rest = Some(rest);
        Ok(Stem::Left(rest.id))
    }
}

/// Insertions at one place.
pub(super) struct Insert<'s, 'a> {
    /// The run that they go into, by its number, and behind which of its elements; `None` at the very beginning.
    pub(super) after: Option<(usize, u32)>,
    pub(super) splices: Vec<&'s Splice<'a>>,
}

/// For each insertion whether something hangs on the right of the element that it goes behind, which ends its run.
fn has_right(kept: &[Run<'_>], inserts: &[Insert<'_, '_>]) -> Vec<bool> {
    let after = |insert: &Insert<'_, '_>| insert.after.map(|(number, _)| kept[number].last());
    let mut wanted: Vec<Id> = inserts.iter().filter_map(after).collect();
    wanted.sort_unstable();
    let mut found = vec![false; wanted.len()];
    let near = Near::of(wanted.iter().copied());
    for run in kept {
        if let Stem::Right(id) = run.stem
            && near.may_be(id)
            && let Ok(number) = wanted.binary_search(&id)
        {
            found[number] = true;
        }
    }
    let has = |insert: &Insert<'_, '_>| {
        after(insert).and_then(|id| wanted.binary_search(&id).ok()).is_some_and(|number| found[number])
    };
    inserts.iter().map(has).collect()
}

#[cold]
fn disorder() -> Error {
    Error::corrupt("what was loaded and what stands there have their elements in different orders")
}

#[cold]
fn too_many() -> Error {
    Error::new(ErrorKind::Unsupported, "one commit cannot insert more than 4,294,967,295 elements")
}
