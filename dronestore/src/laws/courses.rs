//! Small worlds of a fixed course: three replicas that write one field at once, and two that write two fields.

use super::fault::{Fault, Report};
use super::history::{Act, DEFAULT, History, Letter, REPLICAS, Source, Step, Walls};
use super::world::World;

/// How many pairs of fields are tried with how many values, all in all.
const PAIRS: usize = 1000;
/// The same where nothing is promised: the laws then ask little of two fields that they do not ask of one.
const PAIRS_OF_NO_PROMISE: usize = 200;
/// How many values of a field with a strategy of the user's own meet, three at a time.
const OWN: u64 = 5;

/// Sees a world that was played, with the steps that led to it.
pub(super) type See<'s> = dyn FnMut(&World<'_>, &[Step]) + 's;
/// A history whose world breaks a law, and the fault.
pub(super) type Found = Box<(History, Fault)>;

/// Three replicas write three different values at once: on nothing, and on what all have seen.
///
/// A rule that comes to one value from two entries in either order need not from three.
pub(super) fn three_writers(
    world: &World<'_>,
    source: Source,
    walls: Walls,
    is_own: bool,
    see: &mut See<'_>,
) -> Result<(), Found> {
    let most = if is_own { OWN } else { REPLICAS as u64 };
    let edit = |who: usize, pick: u64| act(who, Act::Edit(vec![Letter { source, pick }]));
    for (first, second, third) in triples(most) {
        let other = (0..).find(|pick| ![first, second, third].contains(pick)).unwrap_or(DEFAULT);
        let before = [edit(0, other), act(1, Act::Merge(0)), act(2, Act::Merge(0))];
        for before in [&before[..0], &before[..]] {
            let mut course = Course::new(world, walls);
            for step in before.iter().cloned().chain([edit(0, first), edit(1, second), edit(2, third)]) {
                course.step(step)?;
            }
            for whom in [1, 2] {
                course.step(act(0, Act::Merge(whom)))?;
            }
            course.seen(see);
        }
    }
    Ok(())
}

/// All three different numbers below `most`, without regard to their order.
fn triples(most: u64) -> impl Iterator<Item = (u64, u64, u64)> {
    (0..most).flat_map(move |third| {
        (0..third).flat_map(move |second| (0..second).map(move |first| (first, second, third)))
    })
}

/// Two replicas that have seen the same edit a field each, another one each: all pairs of fields, as far as that is
/// bearable.
pub(super) fn two_fields(
    world: &World<'_>,
    sources: &[Source],
    walls: Walls,
    promised: bool,
    see: &mut See<'_>,
) -> Result<(), Found> {
    let mut pairs = Vec::new();
    for (index, one) in sources.iter().enumerate() {
        pairs.extend(sources[index + 1..].iter().map(|other| (*one, *other)));
    }
    let most = if promised { PAIRS } else { PAIRS_OF_NO_PROMISE };
    // Where there are very many fields, pairs from all over.
    let apart = pairs.len().div_ceil(most).max(1);
    let meetings = meetings();
    let each = (most / pairs.len().max(1)).clamp(1, meetings.len());
    for pair in pairs.into_iter().step_by(apart) {
        for meeting in &meetings[..each] {
            let mut course = Course::new(world, walls);
            meeting.steps(pair).into_iter().try_for_each(|step| course.step(step))?;
            // Ours and theirs, and the other way round.
            course.clone().step(act(1, Act::Merge(0)))?;
            course.step(act(0, Act::Merge(1)))?;
            course.seen(see);
        }
    }
    Ok(())
}

/// What stands in two fields at first, and what two replicas then put there.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Meeting {
    before: Option<(u64, u64)>,
    edits: (u64, u64),
}

/// All that there are of two values and the default, the most telling first.
fn meetings() -> Vec<Meeting> {
    const FIRST: [Meeting; 6] = [
        Meeting { before: None, edits: (0, 0) },
        Meeting { before: Some((DEFAULT, 0)), edits: (0, DEFAULT) },
        Meeting { before: Some((0, DEFAULT)), edits: (DEFAULT, 0) },
        Meeting { before: Some((0, 0)), edits: (1, 1) },
        Meeting { before: Some((0, 0)), edits: (DEFAULT, DEFAULT) },
        Meeting { before: Some((DEFAULT, DEFAULT)), edits: (0, 0) },
    ];
    const VALUES: [u64; 3] = [0, 1, DEFAULT];
    let two = || VALUES.into_iter().flat_map(|one| VALUES.map(|other| (one, other)));
    let mut all = FIRST.to_vec();
    for before in std::iter::once(None).chain(two().map(Some)) {
        for edits in two() {
            // What stands there already is no edit.
            let is_edit = before.is_none_or(|(one, other)| one != edits.0 && other != edits.1);
            let meeting = Meeting { before, edits };
            if is_edit && !all.contains(&meeting) {
                all.push(meeting);
            }
        }
    }
    all
}

impl Meeting {
    fn steps(&self, (one, other): (Source, Source)) -> Vec<Step> {
        let letter = |source, pick| Letter { source, pick };
        let mut steps = Vec::new();
        if let Some(before) = self.before {
            let both = vec![letter(one, before.0), letter(other, before.1)];
            steps.extend([act(0, Act::Edit(both)), act(1, Act::Merge(0))]);
        }
        steps.push(act(0, Act::Edit(vec![letter(one, self.edits.0)])));
        steps.push(act(1, Act::Edit(vec![letter(other, self.edits.1)])));
        steps
    }
}

fn act(who: usize, act: Act) -> Step {
    Step { who, act, seed: 0 }
}

/// A world, and how it came to be.
#[derive(Clone)]
struct Course<'w> {
    world: World<'w>,
    walls: Walls,
    steps: Vec<Step>,
}

impl<'w> Course<'w> {
    fn new(world: &World<'w>, walls: Walls) -> Course<'w> {
        let mut world = world.clone();
        // Each world counts what is new in it.
        world.counts = Report::default();
        Course { world, walls, steps: Vec::new() }
    }

    fn step(&mut self, step: Step) -> Result<(), Found> {
        self.steps.push(step);
        let last = &self.steps[self.steps.len() - 1];
        self.world.step(last).map_err(|fault| {
            Box::new((History { walls: self.walls, seed: 0, steps: self.steps.clone() }, fault))
        })
    }

    fn seen(&self, see: &mut See<'_>) {
        if self.world.counts.commits > 0 {
            see(&self.world, &self.steps);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_of_five_are_ten() {
        let all: Vec<_> = triples(5).collect();
        assert_eq!((all.len(), all[0], all[9]), (10, (0, 1, 2), (2, 3, 4)));
    }

    #[test]
    fn two_fields_meet_in_all_ways() {
        let all = meetings();
        assert_eq!(all.len(), 9 + 9 * 4);
        let twice = |meeting: &Meeting| all.iter().filter(|other| *other == meeting).count() > 1;
        assert!(!all.iter().any(twice));
    }
}
