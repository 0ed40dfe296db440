//! A replica a writer: each commit of a trace is made on the merge that the trace says.

use super::Text;
use crate::harness::Cost;
use crate::traces::Trace;
use cpu_time::ProcessTime;
use std::time::{Duration, Instant};

/// Replays a trace and makes sure that every replica ends with the trace's text. Gives what a commit took with its share of the
/// merges, what giving and merging took a merge, and what the first replica saves in the end.
pub fn replay<T: Text>(trace: &Trace) -> (Cost, Cost, Vec<u8>) {
    let (wall, cpu) = (Instant::now(), ProcessTime::now());
    let mut replay = Replay::<T>::new(trace);
    for number in 0..trace.txns.len() {
        replay.txn(trace, number);
    }
    let each = |time: Duration, count: usize| time.as_nanos() as f64 / count as f64;
    let (wall, cpu, count) = (wall.elapsed(), cpu.elapsed(), trace.txns.len());
    let whole = Cost { wall: each(wall, count), cpu: each(cpu, count) };
    let merging = each(replay.merging, replay.merges);
    let last = count - 1;
    for agent in 0..replay.replicas.len() {
        replay.take(trace, agent, last);
        assert!(replay.replicas[agent].text() == trace.end, "{}: the replica of {agent}", T::NAME);
    }
    (whole, Cost { wall: merging, cpu: merging }, replay.replicas[0].save())
}

/// The replicas, and what they gave each other.
pub struct Replay<T: Text> {
    replicas: Vec<T>,
    /// By each writer what it gave, and at which commit; what nobody needs any more is gone.
    given: Vec<Vec<(usize, Option<T::News>)>>,
    /// How much of what each writer gave each has taken.
    taken: Vec<Vec<usize>>,
    wanted: Vec<usize>,
    merging: Duration,
    merges: usize,
}

impl<T: Text> Replay<T> {
    /// All empty.
    pub fn new(trace: &Trace) -> Self {
        let agents = trace.agents();
        let mut wanted = trace.wanted();
        // In the end all take the last.
        *wanted.last_mut().unwrap() += agents;
        Replay {
            replicas: (0..agents).map(|agent| T::new(agent as u64 + 1)).collect(),
            given: (0..agents).map(|_| Vec::new()).collect(),
            taken: vec![vec![0; agents]; agents],
            wanted,
            merging: Duration::ZERO,
            merges: 0,
        }
    }

    /// Makes the commit of this number.
    pub fn txn(&mut self, trace: &Trace, number: usize) {
        let txn = &trace.txns[number];
        for parent in &txn.parents {
            self.take(trace, txn.agent, *parent);
        }
        let replica = &mut self.replicas[txn.agent];
        txn.patches.iter().for_each(|(at, deleted, inserted)| replica.edit(*at, *deleted, inserted));
        replica.commit();
        if self.wanted[number] > 0 {
            let started = ProcessTime::now();
            let news = replica.news();
            self.merging += started.elapsed();
            self.given[txn.agent].push((number, Some(news)));
        }
    }

    /// Lets a replica have all that another had at a commit of its own.
    fn take(&mut self, trace: &Trace, taker: usize, number: usize) {
        let giver = trace.txns[number].agent;
        if giver == taker {
            return;
        }
        let given = &mut self.given[giver];
        let place = given.binary_search_by_key(&number, |(number, _)| *number).unwrap();
        let first = if T::GIVES_ALL { place } else { self.taken[taker][giver] };
        let started = ProcessTime::now();
        for (_, news) in &given[first..=place] {
            self.replicas[taker].merge(news.as_ref().unwrap());
        }
        self.merging += started.elapsed();
        self.merges += 1;
        self.taken[taker][giver] = self.taken[taker][giver].max(place + 1);
        self.wanted[number] -= 1;
        if T::GIVES_ALL && self.wanted[number] == 0 {
            given[place].1 = None;
        }
    }
}
