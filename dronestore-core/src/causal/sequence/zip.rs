//! The join of two sequences that mostly have the same: side by side, in the order of the text.
//!
//! The order of two elements is a function of their paths and never changes: what both sides have, both have in the same
//! order. So the two are walked from one element that both have to the next. Between two such there are elements that
//! one side alone has, mostly nothing or those of one side. What hangs on an element that the other side has not, the other
//! side has not either; so all that may hang on them stands beside them, up to the next element that both have.

use super::join::{Side, both, first};
use super::needless::{needed, parts};
use super::run::{Content, Id, Run, Stem};
use crate::causal::join::Fate;
use crate::error::Result;

/// How far ahead an element of one side is looked for in the other.
const AHEAD: usize = 128;

/// Joins two sequences; `None` where both sides have elements of their own at one place, or too much is between.
pub(super) fn zip<'a>(
    content: Content,
    ours: &[Side<'a>],
    theirs: &[Side<'a>],
) -> Result<Option<Vec<Run<'a>>>> {
    let (mut ours, mut theirs) = (Walk::new(content, ours), Walk::new(content, theirs));
    let mut joined = Joined::default();
    joined.runs.reserve(ours.rest.len().max(theirs.rest.len()) + 16);
    loop {
        ours.pass_those_alone();
        theirs.pass_those_alone();
        match (ours.next, theirs.next) {
            (Some((x, _)), Some((y, _))) if x.id == y.id => {
                if !joined.put_between(&mut ours.alone, &mut theirs.alone) {
                    return Ok(None);
                }
                let count = x.count.min(y.count);
                joined.put_common(ours.take(count)?, theirs.take(count)?)?;
            }
            (Some((x, _)), Some((y, _))) => {
                if !pass_up_to_next(&mut ours, &mut theirs, x.id, y.id)? {
                    return Ok(None);
                }
            }
            (Some(_), None) => ours.pass()?,
            (None, Some(_)) => theirs.pass()?,
            (None, None) => break,
        }
    }
    match joined.put_between(&mut ours.alone, &mut theirs.alone) {
        true => joined.without_needless(content).map(Some),
        false => Ok(None),
    }
}

/// Of two elements that may both be known on both sides one comes first: what stands before it on the other side is there
/// alone. Says whether it was found.
fn pass_up_to_next(ours: &mut Walk<'_, '_>, theirs: &mut Walk<'_, '_>, x: Id, y: Id) -> Result<bool> {
    for distance in 0..AHEAD {
        if theirs.holds(distance, x) {
            theirs.pass_up_to(x)?;
            return Ok(true);
        }
        if ours.holds(distance, y) {
            ours.pass_up_to(y)?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// One side.
struct Walk<'s, 'a> {
    content: Content,
    next: Option<Side<'a>>,
    rest: &'s [Side<'a>],
    /// What this side alone has since the last element that both have; visible only where it stays.
    alone: Vec<Side<'a>>,
}

impl<'s, 'a> Walk<'s, 'a> {
    fn new(content: Content, side: &'s [Side<'a>]) -> Self {
        let mut walk = Walk { content, next: None, rest: side, alone: Vec::new() };
        walk.advance();
        walk
    }

    #[inline]
    fn advance(&mut self) {
        self.next = self.rest.split_first().map(|(next, rest)| {
            self.rest = rest;
            *next
        });
    }

    /// Takes the first elements of the next run.
    #[inline]
    fn take(&mut self, count: u32) -> Result<Option<Run<'a>>> {
        let Some(side) = self.next else { return Ok(None) };
        if side.0.count == count {
            self.advance();
            return Ok(Some(side.0));
        }
        let (run, rest) = first(self.content, side, count)?;
        self.next = rest;
        Ok(Some(run))
    }

    /// Passes the runs of commits of which the other side has nothing.
    #[inline]
    fn pass_those_alone(&mut self) {
        while let Some(side) = self.next.filter(|(_, fate)| *fate != Fate::Shared) {
            self.alone.push(side);
            self.advance();
        }
    }

    /// Passes the next run, which is not on the other side.
    fn pass(&mut self) -> Result<()> {
        self.alone.extend(self.next);
        self.advance();
        Ok(())
    }

    /// Whether the run so far behind the next one has this element.
    fn holds(&self, distance: usize, id: Id) -> bool {
        let run = match distance.checked_sub(1) {
            None => self.next.as_ref(),
            Some(before) => self.rest.get(before),
        };
        run.is_some_and(|(run, _)| run.id <= id && id <= run.last())
    }

    /// Passes all up to this element, which is there.
    fn pass_up_to(&mut self, id: Id) -> Result<()> {
        while let Some((run, fate)) = self.next.filter(|(run, _)| run.id != id) {
            match run.id < id && id <= run.last() {
                false => self.pass()?,
                true => {
                    let before = self.take(id.index - run.id.index)?;
                    self.alone.extend(before.map(|run| (run, fate)));
                }
            }
        }
        Ok(())
    }
}

/// What was joined so far.
#[derive(Default)]
struct Joined<'a> {
    runs: Vec<Run<'a>>,
    /// Those of the runs that were visible on one side and are not any more.
    died: Vec<usize>,
    /// What those hung on that went.
    stems: Vec<Id>,
}

impl<'a> Joined<'a> {
    #[inline]
    fn put_common(&mut self, ours: Option<Run<'a>>, theirs: Option<Run<'a>>) -> Result<()> {
        let (Some(ours), Some(theirs)) = (ours, theirs) else { return Ok(()) };
        if ours.is_visible() != theirs.is_visible() {
            self.died.push(self.runs.len());
        }
        self.runs.push(both(ours, theirs)?);
        Ok(())
    }

    /// What stands between two elements that both sides have, where only one side has something there that stays.
    #[inline]
    fn put_between(&mut self, ours: &mut Vec<Side<'a>>, theirs: &mut Vec<Side<'a>>) -> bool {
        if ours.is_empty() && theirs.is_empty() {
            return true;
        }
        let (ours_stay, theirs_stay) = (self.drop_dead(ours), self.drop_dead(theirs));
        self.put_alone(ours);
        self.put_alone(theirs);
        !ours_stay || !theirs_stay
    }

    /// Drops all where nothing visible stays: it is only for that that the others are there. Says whether any is left.
    fn drop_dead(&mut self, alone: &mut Vec<Side<'a>>) -> bool {
        let stays = alone.iter().any(|(run, fate)| *fate == Fate::Lives && run.is_visible());
        if !stays {
            let stems = alone.drain(..).filter_map(|(run, _)| match run.stem {
                Stem::Root => None,
                Stem::Left(id) | Stem::Right(id) => Some(id),
            });
            self.stems.extend(stems);
        }
        stays
    }

    fn put_alone(&mut self, alone: &mut Vec<Side<'a>>) {
        for (run, fate) in alone.drain(..) {
            let dies = run.is_visible() && fate != Fate::Lives;
            if dies {
                self.died.push(self.runs.len());
            }
            self.runs.push(if dies { run.tombstone() } else { run });
        }
    }

    /// The runs without the tombstones that nothing needs any more.
    fn without_needless(self, content: Content) -> Result<Vec<Run<'a>>> {
        let Joined { runs, died, stems } = self;
        if died.is_empty() && stems.is_empty() {
            return Ok(runs);
        }
        let (candidates, needed) = needed(content, &runs, died, stems)?;
        let mut kept = Vec::with_capacity(runs.len());
        for (run, is_candidate) in runs.into_iter().zip(candidates) {
            match is_candidate {
                true => kept.extend(parts(&run, &needed)),
                false => kept.push(run),
            }
        }
        Ok(kept)
    }
}
