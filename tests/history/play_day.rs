//! A play day: one object, a commit a second for eleven hours. A tenth of it here; all of it with `DRONESTORE_PLAY_DAY=1`.

use super::{Player, head, repo, stored};
use crate::random::{Random, from_env};
use dronestore::stores::MemoryStore;
use dronestore::testing::CountingStore;
use dronestore::{History, Repo};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn commits() -> u64 {
    if from_env("DRONESTORE_PLAY_DAY", 0) > 0 { 79_200 } else { 7_920 }
}

const POLICIES: [History; 4] =
    [History::Head, History::Last(1000), History::Within(Duration::from_secs(3600)), History::Full];

#[test]
fn a_play_day_under_each_policy() {
    let mut heads = Vec::new();
    for history in POLICIES {
        let store = MemoryStore::new();
        let (repo, clock) = repo(&store);
        repo.set_history::<Player>(history).unwrap();
        let mut random = Random::new(7);
        repo.put("ann", Player { name: "Ann".into(), score: u32::MAX }).unwrap();
        let away = Repo::builder().replica_of(&repo).open().unwrap();
        away.merge(&repo).unwrap();
        let (after_one, start) = (stored(&store, None), Instant::now());
        for _ in 0..commits() {
            clock.pass(999_500_000 + random.next() % 1_000_000);
            let score = 1 << 31 | random.next() as u32;
            repo.update::<Player>("ann", |player| {
                player.score = score;
                Ok(())
            })
            .unwrap();
        }
        let took = start.elapsed();
        // The log keeps 4,096 rows whatever is written, and is trimmed; history alone is what grows.
        let day = stored(&store, Some(b'h'));
        let others = stored(&store, None) - stored(&store, Some(b'c')) - day;
        let an_edit = day as f64 / commits() as f64;
        println!(
            "{history}: {day} bytes of history, {an_edit:.2} an edit; {took:?}; others {others} ({after_one})"
        );
        match history {
            History::Head => assert_eq!(day, 0),
            History::Last(_) => assert!(day < 3 * 1000 * 16, "{day}"),
            History::Within(_) => assert!(day < 2 * 3600 * 16 + 20_000, "{day}"),
            _ => assert!(an_edit <= 16.0, "{an_edit}"),
        }
        repo.verify().unwrap();

        // A replica that was away all day meets it, before and after what is kept has gone.
        away.update::<Player>("ann", |player| {
            player.name = "Anna".into();
            Ok(())
        })
        .unwrap();
        let early = Repo::memory().unwrap();
        early.merge(&repo).unwrap();
        early.merge(&away).unwrap();
        repo.set_history::<Player>(History::Head).unwrap();
        assert_eq!(stored(&store, Some(b'h')), 0);
        repo.merge(&away).unwrap();
        assert_eq!(repo.hash(), early.hash());
        let merged = head::<Player>(&repo, "ann");
        heads.push((repo.get::<Player>("ann").unwrap().unwrap().score, merged.state_bytes().len()));
        repo.verify().unwrap();
    }
    assert!(heads.iter().all(|head| *head == heads[0]), "{heads:?}");
}

#[test]
fn a_read_of_a_head_and_an_edit_ask_as_much_after_a_day() {
    let mut counts = Vec::new();
    for history in [History::Head, History::Full] {
        let store = CountingStore::new(MemoryStore::new());
        let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
        repo.set_history::<Player>(history).unwrap();
        repo.put("ann", Player::default()).unwrap();
        let edit = |score: u32| {
            let change = |player: &mut Player| {
                player.score = score;
                Ok(())
            };
            repo.update::<Player>("ann", change).unwrap();
        };
        (0..10).for_each(edit);
        for _ in 0..2 {
            store.take();
            repo.get::<Player>("ann").unwrap().unwrap();
            let read = store.take();
            edit(1_000_000 + counts.len() as u32);
            let edited = store.take();
            counts.push((history, (read.gets, read.scans), (edited.gets, edited.scans, edited.applies)));
            (0..2000).for_each(edit);
        }
    }
    let [head, head_later, full, full_later] = counts.try_into().unwrap();
    assert_eq!(head, head_later);
    assert_eq!(full, full_later);
    assert_eq!(head.1, full.1, "the read of a head knows of no history");
    // The head that stands there, and the last row of its history.
    assert!(full.2.0 <= head.2.0 + 1 && full.2.1 <= head.2.1 + 1, "{head:?} {full:?}");
}
