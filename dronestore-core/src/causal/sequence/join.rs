//! The join of two sequences.

use super::run::{Content, Run, RunWriter, Runs};
use super::tree::{Places, arrange, newest_first, sorted};
use super::zip::zip;
use crate::causal::join::{Fate, Join, Slot, forked};
use crate::error::{Error, Result};

/// A run of one side, its rows already those of the result.
pub(super) type Side<'a> = (Run<'a>, Fate);

impl Join {
    /// Joins two sequences, appending the result: no bytes where nothing stays.
    pub(in crate::causal) fn sequence(
        &mut self,
        content: Content,
        ours: &[u8],
        theirs: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let (a, b) = (Runs::new(ours, content)?, Runs::new(theirs, content)?);
        let start = out.len();
        let any = self.dots(a.own, b.own, out)?;
        if b.rest().is_empty() && self.renumber(a.rest(), content, out)? {
            if !any && a.rest().is_empty() {
                out.truncate(start);
            }
            return Ok(());
        }
        let runs = self.join_runs(content, a, b)?;
        if !any && runs.is_empty() {
            out.truncate(start);
            return Ok(());
        }
        write(content, runs, out);
        Ok(())
    }

    /// As [`Join::sequence`], but appends only the sequence's own dots, for the rows that the join has now, and gives its runs.
    pub(crate) fn sequence_in_parts<'a>(
        &mut self,
        content: Content,
        ours: &'a [u8],
        theirs: &'a [u8],
        out: &mut Vec<u8>,
    ) -> Result<Vec<Run<'a>>> {
        let (a, b) = (Runs::new(ours, content)?, Runs::new(theirs, content)?);
        let start = out.len();
        let any = self.dots(a.own, b.own, out)?;
        let runs = self.join_runs(content, a, b)?;
        if !any && runs.is_empty() {
            out.truncate(start);
        }
        Ok(runs)
    }

    /// Appends a sequence that was joined in parts, in the rows of ours of this join.
    pub(crate) fn put_parts(
        &mut self,
        content: Content,
        own: &[u8],
        mut runs: Vec<Run<'_>>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        self.dots(own, &[], out)?;
        let slots = self.slots().0;
        // Where the last row stays where it is all others do.
        let moves = slots.iter().zip(0..).any(|(slot, row)| slot.fate == Fate::Dead || slot.to != row);
        if moves {
            for run in &mut runs {
                run.move_rows(|row| slots.get(row as usize).copied())?;
            }
        }
        write(content, runs, out);
        Ok(())
    }

    fn join_runs<'a>(&mut self, content: Content, ours: Runs<'a>, theirs: Runs<'a>) -> Result<Vec<Run<'a>>> {
        let runs = match (ours.rest().is_empty(), theirs.rest().is_empty()) {
            (_, true) => self.alone(content, moved(ours, self.slots().0)?)?,
            (true, _) => self.alone(content, moved(theirs, self.slots().1)?)?,
            _ if !self.has_all_rows() => return Err(self.want_all_rows()),
            _ => self.both_sides(content, ours, theirs)?,
        };
        runs.iter().for_each(|run| {
            self.mark(run.id.row);
        });
        Ok(runs)
    }

    fn both_sides<'a>(&self, content: Content, ours: Runs<'a>, theirs: Runs<'a>) -> Result<Vec<Run<'a>>> {
        let (slots_a, slots_b) = self.slots();
        if let Some(runs) = zip(content, (ours, slots_a), (theirs, slots_b))? {
            return Ok(runs);
        }
        let name = |(run, _): &Side<'_>| (run.id, run.last());
        let (ours, theirs) = (sorted(moved(ours, slots_a)?, name)?, sorted(moved(theirs, slots_b)?, name)?);
        arrange(content, &union(content, ours, theirs)?, newest_first(&self.times))
    }

    /// What stays of a sequence that the other side has not.
    fn alone<'a>(&mut self, content: Content, side: Vec<Side<'a>>) -> Result<Vec<Run<'a>>> {
        if !self.has_all_rows() && side.iter().any(|(_, fate)| *fate == Fate::Dead) {
            // What the other side has dropped may be an ancestor of what stays.
            return Err(self.want_all_rows());
        }
        let goes = |(run, fate): &Side<'_>| *fate != Fate::Lives && run.is_visible();
        if !side.iter().any(goes) {
            return Ok(side.into_iter().map(|(run, _)| run).collect());
        }
        let stays = |(run, fate): Side<'a>| if fate == Fate::Lives { run } else { run.tombstone() };
        let runs: Vec<Run<'a>> = side.into_iter().map(stays).collect();
        let places = Places::of(&runs);
        arrange(content, &sorted(runs, |run| (run.id, run.last()))?, |id| places.of_element(id))
    }
}

fn write(content: Content, runs: Vec<Run<'_>>, out: &mut Vec<u8>) {
    let mut writer = RunWriter::new(content);
    runs.into_iter().for_each(|run| writer.put(out, run));
    writer.end(out);
}

/// The runs of one side, in the rows of the result.
fn moved<'a>(mut runs: Runs<'a>, slots: &[Slot]) -> Result<Vec<Side<'a>>> {
    let mut side = Vec::with_capacity(runs.room());
    while let Some(mut run) = runs.next()? {
        let fate = run.move_rows(|row| slots.get(row as usize).copied())?;
        side.push((run, fate));
    }
    Ok(side)
}

/// What either side has, in the order of names: visible where it stays, else a tombstone.
fn union<'a>(content: Content, ours: Vec<Side<'a>>, theirs: Vec<Side<'a>>) -> Result<Vec<Run<'a>>> {
    let mut joined = Vec::with_capacity(ours.len() + theirs.len());
    let alone = |(run, fate): Side<'a>| if fate == Fate::Lives { run } else { run.tombstone() };
    let (mut ours, mut theirs) = (ours.into_iter(), theirs.into_iter());
    let (mut a, mut b) = (ours.next(), theirs.next());
    loop {
        let (x, y) = match (a, b) {
            (None, None) => return Ok(joined),
            (Some(x), None) => {
                joined.push(alone(x));
                a = ours.next();
                continue;
            }
            (None, Some(y)) => {
                joined.push(alone(y));
                b = theirs.next();
                continue;
            }
            (Some(x), Some(y)) => (x, y),
        };
        if x.0.last() < y.0.id {
            joined.push(alone(x));
            a = ours.next();
        } else if y.0.last() < x.0.id {
            joined.push(alone(y));
            b = theirs.next();
        } else if x.0.id < y.0.id {
            let (before, after) = x.0.split(content, y.0.id.index - x.0.id.index)?;
            joined.push(alone((before, x.1)));
            a = Some((after, x.1));
        } else if y.0.id < x.0.id {
            let (before, after) = y.0.split(content, x.0.id.index - y.0.id.index)?;
            joined.push(alone((before, y.1)));
            b = Some((after, y.1));
        } else {
            let count = x.0.count.min(y.0.count);
            let (x_first, x_rest) = first(content, x, count)?;
            let (y_first, y_rest) = first(content, y, count)?;
            joined.push(both(x_first, y_first)?);
            a = x_rest.or_else(|| ours.next());
            b = y_rest.or_else(|| theirs.next());
        }
    }
}

pub(super) fn first<'a>(content: Content, side: Side<'a>, count: u32) -> Result<(Run<'a>, Option<Side<'a>>)> {
    let (run, fate) = side;
    if count == run.count {
        return Ok((run, None));
    }
    let (first, rest) = run.split(content, count)?;
    Ok((first, Some((rest, fate))))
}

/// Elements that both sides have.
pub(super) fn both<'a>(ours: Run<'a>, theirs: Run<'a>) -> Result<Run<'a>> {
    if ours.stem != theirs.stem {
        return Err(forked("inserted one element at two places"));
    }
    match (ours.is_visible(), theirs.is_visible()) {
        (true, true) if ours.content != theirs.content => Err(forked("inserted two elements under one name")),
        (true, true) => Ok(ours),
        _ => Ok(ours.tombstone()),
    }
}

impl Run<'_> {
    /// Moves the run to other rows; gives its own fate.
    pub(crate) fn move_rows(&mut self, slot: impl Fn(u32) -> Option<Slot>) -> Result<Fate> {
        use super::run::{Id, Stem};
        let find = |row: u32| slot(row).ok_or_else(|| Error::corrupt("an entry names no row of the table"));
        let moved = |id: Id| find(id.row).map(|slot| Id { row: slot.to, ..id });
        self.stem = match self.stem {
            Stem::Root => Stem::Root,
            Stem::Left(id) => Stem::Left(moved(id)?),
            Stem::Right(id) => Stem::Right(moved(id)?),
        };
        let slot = find(self.id.row)?;
        self.id.row = slot.to;
        Ok(slot.fate)
    }
}
