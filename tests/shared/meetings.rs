//! Replicas that only share a folder.

use super::{Place, meet, quiet};
use crate::folder::Folder as Directory;
use crate::random::{Random, from_env};
use crate::sync::{Note, fill, name, replica, repo_with, write};
use dronestore::Repo;
use dronestore::folder::Folder;
use std::sync::atomic::Ordering;

#[test]
fn a_directory_is_enough() {
    let directory = Directory::new();
    let folder = Folder::open(directory.join("shared")).unwrap();
    let (one, other) = (repo_with(300), Repo::memory().unwrap());
    let report = one.publish(&folder).unwrap();
    assert_eq!((report.segments, report.objects), (1, 300));
    assert_eq!(other.pull(&folder).unwrap().received.new, 300);
    assert_eq!((other.hash(), other.database()), (one.hash(), one.database()));
    fill(&one, [3], "by one");
    fill(&other, [3, 400], "by the other");
    meet(&folder, &[&one, &other]);
    assert_eq!(one.get::<Note>(name(3)).unwrap().unwrap().tags.len(), 3);
}

#[test]
fn an_index_is_written_when_it_is_asked_for_though_nothing_is_new() {
    let directory = Directory::new();
    let folder = Folder::open(directory.join("shared")).unwrap();
    let repo = repo_with(3);
    repo.publish(&folder).unwrap();
    let indexed = Folder::open(directory.join("shared")).unwrap().with_index("web").unwrap();
    assert_eq!(repo.publish(&indexed).unwrap().segments, 0);
    let index = std::fs::read_to_string(directory.join("shared/web.index")).unwrap();
    assert_eq!(index.lines().count(), 2, "{index}");
}

#[test]
fn replicas_that_sync_at_random_end_on_one_hash() {
    let seed = from_env("DRONESTORE_SEED", 23);
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for round in 0..25 {
        let (place, mut folder) = Place::new();
        folder = folder.segment_bytes([300, 1000, 8 << 20][round % 3]);
        let first = repo_with([1, 30, 400][round % 3]);
        let count = 2 + random.below(3);
        let repos: Vec<Repo> = (0..count)
            .map(|number| match number {
                0 => first.clone(),
                1 => Repo::builder().replica_of(&first).open().unwrap(),
                _ => replica(&first),
            })
            .collect();
        for _ in 0..25 {
            let repo = &repos[random.below(count)];
            match random.below(10) {
                0..=3 => write(repo, &mut random, 40),
                4 => drop(repo.publish(&folder).unwrap()),
                5 => drop(repo.pull(&folder).unwrap()),
                6 => drop(repo.compact_folder(&folder).unwrap()),
                7 => drop(repo.sync_with(&repos[random.below(count)])),
                8 => {
                    // Some files arrive later.
                    let names = place.names();
                    let hidden = names.into_iter().filter(|name| !name.contains(&repo.actor().to_string()));
                    *place.hidden.lock().unwrap() = hidden.filter(|_| random.below(3) == 0).collect();
                    repo.sync_folder(&folder).unwrap();
                    place.hidden.lock().unwrap().clear();
                }
                _ => drop(repo.sync_folder(&folder).unwrap()),
            }
        }
        let all: Vec<&Repo> = repos.iter().collect();
        for repo in &all {
            repo.publish(&folder).unwrap();
        }
        meet(&folder, &all);
        // Whoever comes later finds everything.
        let late = Repo::memory().unwrap();
        late.pull(&folder).unwrap();
        assert_eq!(late.hash(), first.hash(), "seed {seed}, round {round}");
    }
}

#[test]
fn a_pull_costs_what_is_new() {
    let (place, folder) = Place::new();
    let (one, other) = (repo_with(200), Repo::memory().unwrap());
    for round in 0..10 {
        fill(&one, [round], "again");
        one.publish(&folder).unwrap();
        let before = place.reads.load(Ordering::Relaxed);
        assert_eq!(other.pull(&folder).unwrap().segments, 1);
        assert_eq!(place.reads.load(Ordering::Relaxed) - before, 1);
    }
    let sizes: Vec<usize> = place.files.lock().unwrap().values().map(Vec::len).collect();
    assert!(sizes[1..].iter().all(|size| *size < 700), "{sizes:?}");
}

#[test]
fn what_came_out_of_a_folder_is_not_put_into_it_again() {
    let (place, folder) = Place::new();
    let one = repo_with(500);
    let others: Vec<Repo> = (0..3).map(|_| Repo::memory().unwrap()).collect();
    one.sync_folder(&folder).unwrap();
    for other in &others {
        let report = other.sync_folder(&folder).unwrap();
        assert_eq!((report.pulled.received.new, report.published.objects), (500, 0));
    }
    for round in 0..6 {
        fill(&others[round % 3], [round, 600 + round], "news");
        let mut published = 0;
        for _ in 0..2 {
            for repo in others.iter().chain([&one]) {
                published += repo.sync_folder(&folder).unwrap().published.objects;
            }
        }
        assert_eq!(published, 2, "only who wrote it publishes it");
    }
    quiet(&folder, &[&one, &others[0], &others[1], &others[2]]);
    // A copy made in another way needs to publish nothing either.
    let copy = replica(&one);
    copy.pull(&folder).unwrap();
    one.compact_folder(&folder).unwrap();
    let size: usize = place.files.lock().unwrap().values().map(Vec::len).sum();
    let last = replica(&one);
    last.pull(&folder).unwrap();
    last.publish(&folder).unwrap();
    fill(&last, [1], "by the last");
    assert_eq!(last.publish(&folder).unwrap().objects, 1);
    let now: usize = place.files.lock().unwrap().values().map(Vec::len).sum();
    assert!(now < size + 20_000, "{now} after {size}");
}

#[test]
fn many_threads_may_publish_one_repo() {
    let (place, folder) = Place::new();
    let folder = folder.segment_bytes(300);
    let repo = repo_with(50);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (repo, folder) = (&repo, &folder);
            scope.spawn(move || {
                for round in 0..10 {
                    fill(repo, [100 * thread + round, 7], "at once");
                    repo.publish(folder).unwrap();
                }
            });
        }
    });
    let other = Repo::memory().unwrap();
    other.pull(&folder).unwrap();
    assert_eq!(other.hash(), repo.hash(), "{} files", place.names().len());
}
