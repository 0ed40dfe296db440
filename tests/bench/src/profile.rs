//! Our side of a goal again and again, for a profiler: `valgrind --tool=callgrind target/release/table profile G4`.

use crate::core::Writer;
use crate::harness::Cost;
use crate::peers::ours::Ours;
use crate::peers::{Replica, diverged, filled};
use crate::person::{Person, name};
use crate::raw::Folder;
use crate::replicas::fill;
use dronestore::{Repo, Version, model};
use std::hint::black_box;

/// Runs what the first word names, as often as the second says.
pub fn run(words: &[String]) {
    let count = words.get(1).and_then(|count| count.parse().ok()).unwrap_or(1_000);
    match words.first().map(String::as_str) {
        Some("G1") => drop(filled::<Ours>(1, count)),
        Some("G1-core") => ignore(crate::core::create(count)),
        Some("G4") => {
            let mut ours: Ours = filled(1, 1);
            (0..count as u64).for_each(|round| ours.edit(0, round));
        }
        Some("G4-core") => {
            let mut edit = crate::core::editor(1);
            (0..count).for_each(|_| ignore(edit()));
        }
        Some("G5") => {
            let (mut ours, mut theirs) = diverged(&mut filled::<Ours>(1, 1), 1);
            (0..count).for_each(|_| ours.merge(&mut theirs));
        }
        Some("load") => {
            let version: Version = Writer::new(1).create(1);
            (0..count).for_each(|_| drop(black_box(model::load::<Person>(black_box(&version)).unwrap())));
        }
        Some("G2") => {
            let folder = Folder::new("profile");
            fill(&Repo::open(folder.file("ours.drone")).unwrap(), count);
        }
        Some("G2-memory") => fill(&Repo::memory().unwrap(), count),
        Some("G3") => {
            let folder = Folder::new("profile");
            let repo = Repo::open(folder.file("ours.drone")).unwrap();
            (0..count).for_each(|id| drop(repo.put(name(id), Person::make(id)).unwrap()));
        }
        Some("G12") => {
            let folder = Folder::new("profile");
            let repo = Repo::open(folder.file("ours.drone")).unwrap();
            fill(&repo, 1_000);
            let view = repo.view().unwrap();
            let get = |read: usize| view.get::<Person>(name(read * 7_919 % 1_000)).unwrap().unwrap();
            (0..count).for_each(|read| drop(black_box(get(read))));
        }
        Some("G13") => {
            let folder = Folder::new("profile");
            let repo = Repo::open(folder.file("ours.drone")).unwrap();
            fill(&repo, 1_000);
            (0..count / 1_000).for_each(|_| {
                repo.iter::<Person>().unwrap().for_each(|person| drop(black_box(person.unwrap())));
            });
        }
        Some("G7") => {
            let mut pair = crate::meet::ours::remembered(2_000);
            let ids: Vec<usize> = (0..100).map(|id| id * 20).collect();
            for round in 0..count {
                pair.edit(&ids, &format!("{round:010}"));
                black_box(pair.meet());
            }
        }
        Some("databases") => crate::databases::profile(&words[1..]),
        Some("G15-typing") => crate::texts::profile("automerge-paper", count),
        Some("G15-merging") => crate::texts::profile("friendsforever", count),
        other => panic!("nothing to profile called {other:?}"),
    }
}

fn ignore(cost: Cost) {
    black_box(cost);
}
