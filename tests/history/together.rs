//! Commits that nobody has seen, kept as one change: heads are the same byte for byte.

use super::{Player, head, repo, stored};
use dronestore::stores::MemoryStore;
use dronestore::{History, Repo};
use std::sync::Arc;
use std::time::Duration;

fn entries(repo: &Repo) -> Vec<(u64, u32)> {
    let log = repo.history::<Player>("ann").unwrap().log().unwrap();
    let one = |entry: dronestore::LogEntry| (entry.commits, entry.became::<Player>().unwrap().unwrap().score);
    log.map(|entry| one(entry.unwrap())).collect()
}

#[test]
fn what_nobody_has_seen_is_one_change() {
    let store = MemoryStore::new();
    let (repo, clock) = repo(&store);
    repo.set_history::<Player>(History::Full).unwrap();
    repo.set_history_together::<Player>(Duration::from_secs(60)).unwrap();
    let play = |repo: &Repo, scores: std::ops::Range<u32>| {
        for score in scores {
            clock.pass(1_000_000_000);
            repo.put("ann", Player { score, name: format!("{}", score / 50) }).unwrap();
        }
    };
    play(&repo, 1..200);
    // The first made it; then one a minute.
    assert_eq!(entries(&repo), [(15, 199), (61, 184), (61, 123), (61, 62), (1, 1)]);
    repo.verify().unwrap();
    // Another takes it over: what it has seen is kept.
    let other = Repo::memory().unwrap();
    other.merge(&repo).unwrap();
    let seen = head::<Player>(&other, "ann");
    play(&repo, 200..203);
    assert_eq!(entries(&repo)[..2], [(3, 202), (15, 199)]);
    assert_eq!(repo.at::<Player>("ann", seen.hash()).unwrap().unwrap().score, 199);
    // So is what may have been seen before it was opened.
    drop(repo);
    let repo = Repo::builder().store(Arc::new(store.clone())).clock(clock.clone()).open().unwrap();
    play(&repo, 203..205);
    assert_eq!(entries(&repo)[..2], [(2, 204), (3, 202)]);
    // What comes from elsewhere stands alone.
    other
        .update::<Player>("ann", |player| {
            player.name = "else".into();
            Ok(())
        })
        .unwrap();
    repo.merge(&other).unwrap();
    play(&repo, 205..207);
    assert_eq!(entries(&repo)[..3].iter().map(|entry| entry.0).collect::<Vec<_>>(), [2, 1, 2]);
    repo.verify().unwrap();
    other.merge(&repo).unwrap();
    assert_eq!(repo.hash(), other.hash());
}

#[test]
fn heads_are_the_same_with_it_and_without() {
    let mut seen = Vec::new();
    for together in [0, 10] {
        let store = MemoryStore::new();
        let (repo, clock) = repo(&store);
        repo.set_history::<Player>(History::Full).unwrap();
        repo.set_history_together::<Player>(Duration::from_secs(together)).unwrap();
        for score in 0..5000 {
            clock.pass(1_000_000_000);
            repo.put("ann", Player { score, ..Player::default() }).unwrap();
        }
        repo.prune().unwrap();
        repo.verify().unwrap();
        seen.push((head::<Player>(&repo, "ann").state_bytes().len(), stored(&store, Some(b'h'))));
    }
    assert_eq!(seen[0].0, seen[1].0);
    assert!(seen[1].1 * 3 < seen[0].1, "{seen:?}");
}

/// To ask for a page and its cursor gives nothing away.
#[test]
fn a_page_that_is_read_was_not_given_to_anybody() {
    for is_read in [false, true] {
        let (repo, clock) = repo(&MemoryStore::new());
        repo.set_history::<Player>(History::Full).unwrap();
        repo.set_history_together::<Player>(Duration::from_secs(60)).unwrap();
        for score in 1..20 {
            clock.pass(1_000_000_000);
            repo.put("ann", Player { score, name: "ann".into() }).unwrap();
            if is_read {
                assert!(repo.query::<Player>().limit(1).page().unwrap().next.is_some());
            }
        }
        assert_eq!(entries(&repo), [(18, 19), (1, 1)], "{is_read}");
    }
}
