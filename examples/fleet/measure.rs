//! How a new write spreads over fleets of several sizes.

use dronestore::sim::{Fleet, Spread};
use dronestore::{Drone, Repo, Result};
use std::fmt;

/// What the devices hold: a small record.
#[derive(Drone, Debug, Clone, Default)]
pub(super) struct Reading {
    #[merge(latest)]
    pub(super) place: String,
    #[merge(max)]
    pub(super) highest: u32,
    #[merge(counter)]
    pub(super) alarms: u64,
}

/// How many objects all hold before the new write.
pub(super) const OBJECTS: usize = 100;

/// One size of a fleet: the mean of several runs.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) replicas: usize,
    pub(super) rounds: f64,
    pub(super) most_rounds: u64,
    pub(super) sessions: f64,
    pub(super) bytes_each: f64,
    pub(super) news_bytes: f64,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Point { replicas, rounds, most_rounds, sessions, bytes_each, news_bytes } = self;
        write!(
            f,
            "{replicas:5} replicas: {rounds:4.1} rounds (at most {most_rounds}), {sessions:4.1} sessions and {bytes_each:5.0} bytes a \
             replica; a session with news {news_bytes:4.0} bytes"
        )
    }
}

/// Fleets of these sizes, each with so many seeds.
pub(super) fn points(counts: &[usize], seeds: u64, broken: usize, away: usize) -> Result<Vec<Point>> {
    counts.iter().map(|count| point(*count, seeds, broken, away)).collect()
}

fn point(replicas: usize, seeds: u64, broken: usize, away: usize) -> Result<Point> {
    let spreads = (1..=seeds).map(|seed| {
        let mut fleet = Fleet::new(replicas, seed)?.broken(broken).away(away);
        fill(fleet.repo(0))?;
        fleet.repos().iter().skip(1).try_for_each(|repo| repo.merge(fleet.repo(0)).map(drop))?;
        write(fleet.repo(0), 7)?;
        fleet.spread(1000)
    });
    let spreads: Vec<Spread> = spreads.collect::<Result<_>>()?;
    let mean = |of: &dyn Fn(&Spread) -> f64| spreads.iter().map(of).sum::<f64>() / spreads.len() as f64;
    let each = replicas as f64;
    Ok(Point {
        replicas,
        rounds: mean(&|spread| spread.rounds as f64),
        most_rounds: spreads.iter().map(|spread| spread.rounds).max().unwrap_or(0),
        sessions: mean(&|spread| (spread.sessions + spread.broken) as f64) / each,
        bytes_each: mean(&|spread| spread.bytes as f64) / each,
        news_bytes: mean(&|spread| {
            let news = (spread.sessions - spread.idle).max(1);
            (spread.bytes - spread.idle_bytes) as f64 / news as f64
        }),
    })
}

fn fill(repo: &Repo) -> Result<()> {
    repo.transaction(|transaction| {
        (0..OBJECTS).try_for_each(|number| {
            let reading = Reading { place: format!("hall {number}"), highest: number as u32, alarms: 1 };
            transaction.put(name(number), reading).map(drop)
        })
    })
}

/// A write of one object.
pub(super) fn write(repo: &Repo, number: usize) -> Result<()> {
    let change = |reading: &mut Reading| {
        reading.alarms += 1;
        Ok(())
    };
    repo.update::<Reading>(name(number), change).map(drop)
}

pub(super) fn name(number: usize) -> String {
    format!("sensor{number:05}")
}
