//! What a repo takes up, counted.

use super::{City, Parcel, cities, parcel};
use crate::folder::Folder;
use crate::random::Random;
use dronestore::store::{Direction, Range, Store};
use dronestore::{Repo, Stats};

/// Rows and bytes of everything in the store.
fn everything(store: &dyn Store) -> (u64, u64) {
    let snapshot = store.snapshot().unwrap();
    let mut cursor = snapshot.scan(Range::ALL, Direction::Forward).unwrap();
    let (mut rows, mut bytes) = (0, 0);
    while let Some((key, value)) = cursor.next().unwrap() {
        rows += 1;
        bytes += (key.len() + value.len()) as u64;
    }
    (rows, bytes)
}

fn world() -> Repo {
    let (repo, other) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    let mut random = Random::new(3);
    repo.import(cities(2500)).unwrap();
    repo.import((0..50).map(|number| (number.to_string(), parcel(&mut random)))).unwrap();
    repo.delete::<City>("000007").unwrap();
    other.merge(&repo).unwrap();
    other.import((0..50).map(|number| (number.to_string(), parcel(&mut random)))).unwrap();
    repo.sync_with(&other).unwrap();
    repo
}

#[test]
fn every_byte_is_counted_once() {
    let repo = world();
    let stats = repo.stats().unwrap();
    let Stats { schemas, log, conflicts, indexes, history, forks, peers, other, .. } = stats.clone();
    let beside = [schemas, log, conflicts, indexes, history, forks, peers, other];
    let rows = stats.objects() + stats.deleted() + beside.iter().map(|amount| amount.rows).sum::<u64>();
    assert_eq!((rows, stats.bytes()), everything(&**repo.store()));
    assert_eq!((stats.objects(), stats.deleted()), (2549, 1));
    assert_eq!(stats.objects() + stats.deleted(), repo.len());
    let (city, parcel) = (stats.kinds["City"], stats.kinds["Parcel"]);
    assert_eq!((city.objects, city.deleted, city.actors), (2499, 1, 1));
    assert_eq!((parcel.objects, parcel.actors), (50, 2));
    assert_eq!(log.rows, repo.sequence());
    assert!(peers.rows > 0 && schemas.rows > 4);
    let heads = repo.verify().unwrap().bytes;
    assert_eq!(city.values + city.metadata + parcel.values + parcel.metadata, heads);
    assert!(parcel.values > parcel.metadata, "{parcel:?}");
}

#[test]
fn it_is_a_table_and_data() {
    let empty = Repo::memory().unwrap().stats().unwrap();
    assert_eq!(empty.objects(), 0);
    assert!(empty.to_string().starts_with("FOR"), "{empty}");
    let repo = world();
    let mut told = Vec::new();
    let stats = repo.stats_with(|progress| told.push(progress.objects)).unwrap();
    assert_eq!(told, [1000, 2000, 2550]);
    let shown = stats.to_string();
    let city = shown.lines().find(|line| line.starts_with("City")).unwrap();
    assert_eq!(city.split_whitespace().take(3).collect::<Vec<_>>(), ["City", "2499", "1"]);
    assert!(shown.lines().any(|line| line.starts_with("change log")), "{shown}");
    let json = serde_json::to_value(&stats).unwrap();
    assert_eq!(json["kinds"]["City"]["objects"], 2499);
    assert_eq!(json["log"]["rows"], repo.sequence());
}

#[test]
fn a_file_says_how_large_it_is() {
    let folder = Folder::new();
    let path = folder.join("a.drone");
    let repo = Repo::open(&path).unwrap();
    repo.import(cities(100)).unwrap();
    let stats = repo.stats().unwrap();
    assert_eq!(stats.stored, Some(std::fs::metadata(&path).unwrap().len()));
    assert!(stats.to_string().contains("\nstored"), "{stats}");
    assert_eq!(repo.stats().unwrap().kinds["City"].objects, 100);
    drop(repo.get::<Parcel>("x").unwrap());
}
