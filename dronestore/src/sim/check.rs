//! Schedules one after the other, until one ends badly.

use super::act::Schedule;
use super::draw::Draw;
use super::failure::{Failure, Found, Outcome, Report};
use super::play::{Parts, Play};
use super::tell::Told;
use crate::Hash;
use crate::laws::quietly;
use crate::random::seeded::Seeded;

const PANICS: &str = "nothing panics";
const REPEATS: &str = "a schedule that is played again comes to the same";

/// One in so many schedules is played twice.
const AGAIN: u64 = 50;

/// How many smaller schedules are tried.
const SHRINKS: usize = 3000;

pub(super) struct Check<'w> {
    pub(super) draw: Draw<'w>,
    pub(super) parts: Parts<'w>,
}

impl Check<'_> {
    pub(super) fn all(&self, first: u64, count: u64) -> Result<Report, Failure> {
        let mut report = Report::default();
        for number in 0..count {
            report.add(&self.one(first.wrapping_add(number))?);
        }
        // What refuses everything has not been tried.
        if report.writes == 0 && report.refused > 0 {
            let seen = format!(
                "{} saves, and all were refused; give valid values with `sim::Model::edit`",
                report.refused
            );
            let (law, trace) = ("replicas write", String::new());
            return Err(Failure { law, seen, seed: None, steps: 0, trace });
        }
        Ok(report)
    }

    /// The schedule of this seed.
    pub(super) fn one(&self, seed: u64) -> Result<Report, Failure> {
        let schedule = self.draw.schedule(seed);
        let played = self.play(&schedule, None);
        if let Err(found) = played.outcome {
            return Err(self.shrunk(schedule, found));
        }
        if seed.is_multiple_of(AGAIN) {
            let again = self.play(&schedule, None);
            if (again.outcome.is_err(), &again.report, again.end) != (false, &played.report, played.end) {
                let seen = "played again it came to something else: an edit takes its chances elsewhere than from its `Random`";
                return Err(self.told(&schedule, Found::new(REPEATS, seen)));
            }
        }
        Ok(played.report)
    }

    fn play(&self, schedule: &Schedule, told: Option<Told>) -> Played {
        let _actors = Seeded::new(schedule.seed);
        let mut play = Play::new(&self.parts, schedule);
        play.told = told;
        let outcome = quietly(|| play.all(schedule)).unwrap_or_else(|panic| Err(Found::new(PANICS, panic)));
        let first = play.replicas.first().and_then(|replica| replica.running.as_ref());
        let end = first.map(|running| running.repo.hash());
        Played { outcome, report: play.report, told: play.told, end }
    }

    /// The failure of the smallest schedule found that breaks the same law.
    fn shrunk(&self, mut schedule: Schedule, found: Found) -> Failure {
        let mut tries = 0;
        schedule.shrink(|smaller| {
            tries += 1;
            tries <= SHRINKS && self.play(smaller, None).outcome.is_err_and(|other| other.law == found.law)
        });
        self.told(&schedule, found)
    }

    fn told(&self, schedule: &Schedule, mut found: Found) -> Failure {
        let Played { outcome, told, .. } = self.play(schedule, Some(Told::default()));
        match outcome {
            Err(last) if last.law == found.law => found = last,
            _ if found.law == REPEATS => {}
            _ => found.seen.push_str(
                " (and not when it was played again: not all that is left to chance comes from the seed)",
            ),
        }
        let lines = told.unwrap_or_default().lines;
        let mut trace = Told::who(self.parts.kinds, &schedule.ages);
        for line in &lines {
            trace.push_str(line);
            trace.push('\n');
        }
        trace.push_str("all_meet(); // and here, or before, the law is asked\n");
        Failure { law: found.law, seen: found.seen, seed: Some(schedule.seed), steps: lines.len(), trace }
    }
}

/// A schedule that was played, and the hash of a repo at its end.
struct Played {
    outcome: Outcome,
    report: Report,
    told: Option<Told>,
    end: Option<Hash>,
}
