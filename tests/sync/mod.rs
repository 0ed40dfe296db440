//! Sync: sessions in one process and over TCP, cut and hostile ones, many repos that meet.

mod costs;
mod cuts;
mod deltas;
mod fences;
mod hostile;
mod meetings;
mod memory;
mod remembered;
mod scopes;
mod sketch;

mod tcp;

use crate::random::Random;
use dronestore::store::{Direction, Range, Store, Write};
use dronestore::stores::MemoryStore;
use dronestore::sync::{Session, SyncReport};
use dronestore::{Drone, ObjectName, Repo, Result};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A small model, and two kinds: before and behind that of decisions.
#[derive(Drone, Debug, Clone, Default, PartialEq)]
pub struct Note {
    #[merge(latest)]
    pub title: String,
    #[merge(counter)]
    pub visits: u64,
    #[merge(set)]
    pub tags: BTreeSet<String>,
    #[merge(conflict)]
    pub plan: String,
}

#[derive(Drone, Debug, Clone, Default, PartialEq)]
#[drone(kind = "journal")]
pub struct Journal {
    #[merge(text)]
    pub text: String,
}

/// A repo with so many notes.
pub fn repo_with(count: usize) -> Repo {
    let repo = Repo::memory().unwrap();
    fill(&repo, 0..count, "begun");
    repo
}

pub fn fill(repo: &Repo, numbers: impl IntoIterator<Item = usize>, title: &str) {
    let fill = |transaction: &mut dronestore::Transaction<'_>| {
        for number in numbers {
            transaction.update::<Note>(name(number), |note| {
                note.title = title.into();
                note.visits += 1;
                note.tags.insert(title.into());
                note.plan = title.into();
                Ok(())
            })?;
        }
        Ok(())
    };
    repo.transaction(fill).unwrap();
}

/// Changes one object, which is made where there is none.
pub fn change<T: Drone>(repo: &Repo, name: impl ObjectName, change: impl Fn(&mut T)) {
    let each = |value: &mut T| {
        change(value);
        Ok(())
    };
    repo.update::<T>(name, each).unwrap();
}

pub fn name(number: usize) -> String {
    format!("n{number:05}")
}

/// A replica that holds the same.
pub fn replica(repo: &Repo) -> Repo {
    let replica = Repo::builder().replica_of(repo).open().unwrap();
    replica.merge(repo).unwrap();
    replica
}

/// A change of anything.
pub fn write(repo: &Repo, random: &mut Random, most: usize) {
    let number = random.below(most);
    let word = format!("w{}", random.below(1000));
    match random.below(8) {
        0 => drop(repo.delete::<Note>(name(number)).unwrap()),
        1 => change::<Journal>(repo, name(number), |page| page.text.insert_str(0, &word)),
        _ => fill(repo, [number], &word),
    }
}

/// Runs a session in one process; gives what both sides said, in turns: the caller first.
pub fn talk(caller: &mut Session, answerer: &mut Session) -> Result<Vec<Vec<u8>>> {
    let mut said = Vec::new();
    while !(caller.is_done() && answerer.is_done()) {
        for callers in [true, false] {
            let (from, to) =
                if callers { (&mut *caller, &mut *answerer) } else { (&mut *answerer, &mut *caller) };
            let mut turn = Vec::new();
            loop {
                let before = turn.len();
                from.send(&mut turn)?;
                if turn.len() == before {
                    break;
                }
            }
            to.receive(&turn)?;
            said.push(turn);
        }
    }
    Ok(said)
}

/// Syncs, and checks what has to be true of every session.
pub fn sync(one: &Repo, other: &Repo) -> SyncReport {
    let report = one.sync_with(other).unwrap();
    assert!(report.in_sync, "{report}");
    assert_eq!(one.hash(), other.hash(), "{report}");
    report
}

/// A copy of a repo in memory, row by row: with its actor, as a copied file that nobody noticed.
pub fn twin(repo: &Repo) -> Repo {
    let copy = MemoryStore::new();
    let mut cursor = repo.store().snapshot().unwrap().scan(Range::ALL, Direction::Forward).unwrap();
    while let Some((key, value)) = cursor.next().unwrap() {
        copy.apply(&[], &[Write::put(key, value)]).unwrap();
    }
    Repo::builder().store(Arc::new(copy)).open().unwrap()
}
