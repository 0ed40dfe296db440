//! The join of two sequences that mostly have the same: side by side, in the order of the text.
//!
//! The order of two elements is a function of their paths and never changes: what both sides have, both have in the same
//! order. So the two are walked from one element that both have to the next. Between two such there are elements that
//! one side alone has, mostly nothing or those of one side. What hangs on an element that the other side has not, the other
//! side has not either; so all that may hang on them stands beside them, up to the next element that both have.

use super::join::{Side, both, first};
use super::needless::{needed, parts};
use super::run::{Content, Id, Run, Runs, Stem};
use crate::causal::join::{Fate, Slot};
use crate::error::Result;

/// How far ahead an element of one side is looked for in the other.
const AHEAD: usize = 128;

/// Joins two sequences, of each of which the slots of its rows are given; `None` where both sides have elements of their own
/// at one place, or too much is between.
pub(super) fn zip<'a>(
    content: Content,
    (ours, ours_slots): (Runs<'a>, &[Slot]),
    (theirs, theirs_slots): (Runs<'a>, &[Slot]),
) -> Result<Option<Vec<Run<'a>>>> {
    let mut joined = Joined::default();
    joined.runs.reserve(ours.room().max(theirs.room()));
    let mut ours = Walk::new(content, ours, ours_slots)?;
    let mut theirs = Walk::new(content, theirs, theirs_slots)?;
    loop {
        ours.pass_those_alone()?;
        theirs.pass_those_alone()?;
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
    let (mut ours_ahead, mut theirs_ahead) = (ours.ahead(), theirs.ahead());
    let holds =
        |side: Option<Side<'_>>, id: Id| side.is_some_and(|(run, _)| run.id <= id && id <= run.last());
    for _ in 0..AHEAD {
        if holds(theirs_ahead.next, x) {
            theirs.pass_up_to(x)?;
            return Ok(true);
        }
        if holds(ours_ahead.next, y) {
            ours.pass_up_to(y)?;
            return Ok(true);
        }
        ours_ahead.advance()?;
        theirs_ahead.advance()?;
    }
    Ok(false)
}

/// One side.
struct Walk<'s, 'a> {
    content: Content,
    next: Option<Side<'a>>,
    rest: Runs<'a>,
    slots: &'s [Slot],
    /// What this side alone has since the last element that both have.
    alone: Vec<Side<'a>>,
}

impl<'s, 'a> Walk<'s, 'a> {
    fn new(content: Content, rest: Runs<'a>, slots: &'s [Slot]) -> Result<Self> {
        let mut walk = Walk { content, next: None, rest, slots, alone: Vec::new() };
        walk.advance()?;
        Ok(walk)
    }

    /// Another walk that begins here.
    fn ahead(&self) -> Self {
        Walk { alone: Vec::new(), ..*self }
    }

    #[inline]
    fn advance(&mut self) -> Result<()> {
        self.next = match self.rest.next()? {
            None => None,
            Some(mut run) => {
                let fate = run.move_rows(|row| self.slots.get(row as usize).copied())?;
                Some((run, fate))
            }
        };
        Ok(())
    }

    /// Takes the first elements of the next run.
    #[inline]
    fn take(&mut self, count: u32) -> Result<Option<Run<'a>>> {
        let Some(side) = self.next else { return Ok(None) };
        if side.0.count == count {
            self.advance()?;
            return Ok(Some(side.0));
        }
        let (run, rest) = first(self.content, side, count)?;
        self.next = rest;
        Ok(Some(run))
    }

    /// Passes the runs of commits of which the other side has nothing.
    #[inline]
    fn pass_those_alone(&mut self) -> Result<()> {
        while let Some(side) = self.next.filter(|(_, fate)| *fate != Fate::Shared) {
            self.alone.push(side);
            self.advance()?;
        }
        Ok(())
    }

    /// Passes the next run, which is not on the other side.
    fn pass(&mut self) -> Result<()> {
        self.alone.extend(self.next);
        self.advance()
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
