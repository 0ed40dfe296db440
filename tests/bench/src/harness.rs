//! How everything is measured: contestants take turns, medians, wall and CPU clocks.

use cpu_time::ProcessTime;
use std::time::Instant;

/// What a unit of work took, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    pub wall: f64,
    pub cpu: f64,
}

impl Cost {
    /// By one of the two clocks.
    pub fn of(self, clock: Clock) -> f64 {
        match clock {
            Clock::Wall => self.wall,
            Clock::Cpu => self.cpu,
        }
    }
}

/// Which clock a goal is about: waiting for a disk shows on the wall only, where other programs show too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Clock {
    Wall,
    Cpu,
}

/// Runs the work once and says what each of its `units` took.
pub fn time<R>(units: usize, work: impl FnOnce() -> R) -> (Cost, R) {
    let (wall, cpu) = (Instant::now(), ProcessTime::now());
    let result = work();
    let (cpu, wall) = (cpu.elapsed(), wall.elapsed());
    let each = |nanos: u128| nanos as f64 / units as f64;
    (Cost { wall: each(wall.as_nanos()), cpu: each(cpu.as_nanos()) }, result)
}

/// Runs the work once and says what each of its `units` took; its result is dropped off the clock.
pub fn cost<R>(units: usize, work: impl FnOnce() -> R) -> Cost {
    time(units, work).0
}

/// Calls the work again and again for about this many units.
pub fn micro<R>(units: usize, mut work: impl FnMut(usize) -> R) -> Cost {
    cost(units, || {
        for unit in 0..units {
            std::hint::black_box(work(std::hint::black_box(unit)));
        }
    })
}

/// One side of a comparison: its name, and one run that measures itself.
pub struct Contestant<'a> {
    name: &'static str,
    run: Box<dyn FnMut() -> Cost + 'a>,
}

/// A contestant.
pub fn contestant<'a>(name: &'static str, run: impl FnMut() -> Cost + 'a) -> Contestant<'a> {
    Contestant { name, run: Box::new(run) }
}

/// Lets the contestants take turns and gives each one's median.
///
/// Interleaved, because the machine is slower at one time than at another; one unmeasured turn warms up.
pub fn compete(repeats: usize, mut contestants: Vec<Contestant<'_>>) -> Results {
    let mut costs = vec![Vec::with_capacity(repeats); contestants.len()];
    for turn in 0..=repeats {
        for (contestant, costs) in contestants.iter_mut().zip(&mut costs) {
            let cost = (contestant.run)();
            if turn > 0 || repeats == 1 {
                costs.push(cost);
            }
        }
    }
    Results(
        contestants.iter().map(|contestant| contestant.name).zip(costs.into_iter().map(medians)).collect(),
    )
}

fn medians(costs: Vec<Cost>) -> Cost {
    let median = |of: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Cost { wall: median(|cost| cost.wall), cpu: median(|cost| cost.cpu) }
}

/// Every contestant's median.
#[derive(Debug, Clone)]
pub struct Results(Vec<(&'static str, Cost)>);

impl Results {
    /// What was measured otherwise.
    pub fn of(costs: impl Iterator<Item = (&'static str, Cost)>) -> Results {
        Results(costs.collect())
    }

    /// The cost of one contestant.
    pub fn get(&self, name: &str) -> Cost {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.unwrap_or_else(|| panic!("nobody called `{name}` took part")).1
    }

    /// Who took part.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().map(|(name, _)| *name)
    }
}
