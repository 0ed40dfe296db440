//! Smaller schedules, of which the smallest that ends as badly is shown.

use super::act::{Act, Fate, Schedule};

impl Schedule {
    /// Calls `is_bad` with ever smaller schedules as long as there are any, and stays with those for which it is so.
    pub(super) fn shrink(&mut self, mut is_bad: impl FnMut(&Schedule) -> bool) {
        loop {
            let was = self.clone();
            self.drop_steps(&mut is_bad);
            self.drop_replicas(&mut is_bad);
            self.simplify(&mut is_bad);
            if *self == was {
                return;
            }
        }
    }

    fn take(&mut self, smaller: Schedule, is_bad: &mut impl FnMut(&Schedule) -> bool) -> bool {
        let is_taken = smaller != *self && is_bad(&smaller);
        if is_taken {
            *self = smaller;
        }
        is_taken
    }

    /// Drops steps: half of them, a quarter, one by one (Zeller and Hildebrandt's delta debugging, 2002).
    fn drop_steps(&mut self, is_bad: &mut impl FnMut(&Schedule) -> bool) {
        let mut length = self.steps.len().div_ceil(2);
        while length > 0 {
            let mut start = 0;
            while start < self.steps.len() {
                let mut smaller = self.clone();
                smaller.steps.drain(start..self.steps.len().min(start + length));
                if !self.take(smaller, is_bad) {
                    start += length;
                }
            }
            length = if length == 1 { 0 } else { length.div_ceil(2) };
        }
    }

    /// Drops replicas of which nothing is told.
    fn drop_replicas(&mut self, is_bad: &mut impl FnMut(&Schedule) -> bool) {
        for gone in (0..self.ages.len()).rev() {
            let names = |whom: usize| whom % self.ages.len() == gone;
            let is_named = |step: &super::act::Step| {
                names(step.who)
                    || matches!(step.act, Act::Meet { whom, .. } | Act::Copy { whom } if names(whom))
            };
            if self.ages.len() > 1 && !self.steps.iter().any(is_named) {
                let mut smaller = self.clone();
                smaller.remove(gone);
                self.take(smaller, is_bad);
            }
        }
    }

    fn remove(&mut self, gone: usize) {
        self.ages.remove(gone);
        let renumber = |who: &mut usize| *who -= usize::from(*who > gone);
        for step in &mut self.steps {
            renumber(&mut step.who);
            match &mut step.act {
                Act::Meet { whom, .. } | Act::Copy { whom } => renumber(whom),
                Act::Partition { sides } => {
                    let low = *sides & ((1 << gone) - 1);
                    *sides = low | *sides >> 1 & !((1 << gone) - 1);
                }
                _ => {}
            }
        }
    }

    /// Makes steps simpler, one at a time.
    fn simplify(&mut self, is_bad: &mut impl FnMut(&Schedule) -> bool) {
        for who in 0..self.ages.len() {
            let mut simpler = self.clone();
            simpler.ages[who] = Some(0);
            self.take(simpler, is_bad);
        }
        for index in 0..self.steps.len() {
            for act in simpler(&self.steps[index].act) {
                let mut simpler = self.clone();
                simpler.steps[index].act = act;
                self.take(simpler, is_bad);
            }
        }
    }
}

/// What may do instead, the simplest first.
fn simpler(act: &Act) -> Vec<Act> {
    match act {
        Act::Save { kind, name, letters, keeps } => {
            let (kind, name) = (*kind, *name);
            let mut all = Vec::new();
            let mut with = |letters: Vec<_>, keeps| all.push(Act::Save { kind, name, letters, keeps });
            for part in letters.iter().filter(|_| letters.len() > 1) {
                with(vec![*part], *keeps);
            }
            for pick in 0..3 {
                let few = letters.iter().map(|part| crate::laws::Letter { pick, ..*part });
                if letters.iter().any(|part| part.pick > pick) {
                    with(few.collect(), *keeps);
                }
            }
            if *keeps {
                with(letters.clone(), false);
            }
            all.extend((name > 0).then(|| Act::Save {
                kind,
                name: 0,
                letters: letters.clone(),
                keeps: *keeps,
            }));
            all
        }
        Act::Meet { whom, fate, waits } => {
            let whom = *whom;
            let whole =
                (*fate != Fate::Whole).then_some(Act::Meet { whom, fate: Fate::Whole, waits: *waits });
            let once = waits.then_some(Act::Meet { whom, fate: *fate, waits: false });
            whole.into_iter().chain(once).collect()
        }
        Act::Clock { jump } if jump.abs() > 1_000_000_000 => {
            vec![Act::Clock { jump: jump.signum() * 1_000_000_000 }]
        }
        Act::Crash { counted, nth, fault } => {
            let (counted, fault) = (*counted, *fault);
            (1..*nth).take(3).map(|nth| Act::Crash { counted, nth, fault }).collect()
        }
        Act::Restart { updates: true } => vec![Act::Restart { updates: false }],
        _ => Vec::new(),
    }
}
