//! Pruning and purging: what goes, what is told of it, and that merges give the same.

use super::log::work;
use super::{Person, Player, repo, stored};
use crate::random::Random;
use dronestore::stores::MemoryStore;
use dronestore::{Clock, History, Repo};
use std::time::Duration;

#[test]
fn pruned_at_random_it_merges_to_the_same_and_tells_what_is_left() {
    for seed in 0..6 {
        println!("seed {seed}");
        let store = MemoryStore::new();
        let (repo, clock) = repo(&store);
        let other = Repo::builder().replica_of(&repo).clock(clock.clone()).open().unwrap();
        let plain = Repo::builder().replica_of(&repo).open().unwrap();
        repo.set_history::<Person>([History::Full, History::Last(20)][seed as usize % 2]).unwrap();
        let mut random = Random::new(seed + 50);
        for _ in 0..400 {
            clock.pass(random.next() % 3_000_000_000);
            work(&repo, &other, &mut random);
            plain.merge(&repo).unwrap();
            if random.below(40) == 0 {
                let (hash, before) = (repo.hash(), stored(&store, Some(b'h')));
                let report = match random.below(3) {
                    0 => repo.prune().unwrap(),
                    at => repo.prune_older(Duration::from_secs(at as u64 * 60)).unwrap(),
                };
                let after = stored(&store, Some(b'h'));
                assert_eq!(before.saturating_sub(after) as u64, report.bytes, "{report}");
                assert_eq!(repo.hash(), hash);
                repo.verify().unwrap();
                let again = repo.prune().unwrap();
                assert_eq!((again.changes, again.bytes), (0, 0), "{again}");
            }
        }
        let past = repo.history_of("Person", &"/Person:ann".parse().unwrap()).unwrap();
        let entries: Vec<_> = past.log().unwrap().map(Result::unwrap).collect();
        assert!(entries.windows(2).all(|pair| pair[0].before() == Some(pair[1].after())));
        repo.merge(&other).unwrap();
        plain.merge(&other).unwrap();
        assert_eq!(plain.hash(), repo.hash());
    }
}

#[test]
fn the_policy_is_kept_to_the_entry() {
    let (repo, clock) = repo(&MemoryStore::new());
    repo.set_history::<Player>(History::Last(10)).unwrap();
    for score in 0..100 {
        clock.pass(1_000_000_000);
        repo.put("ann", Player { score, ..Player::default() }).unwrap();
        repo.put("bob", Player { score: score % 7, ..Player::default() }).unwrap();
    }
    let report = repo.prune().unwrap();
    assert_eq!(repo.verify().unwrap().changes, 20, "{report}");
    let scores = |name: &str| -> Vec<u32> {
        let log = repo.history::<Player>(name).unwrap().log().unwrap();
        log.map(|entry| entry.unwrap().became::<Player>().unwrap().unwrap().score).collect()
    };
    assert_eq!(scores("ann"), (90..100).rev().collect::<Vec<_>>());
    repo.put("ann", Player { score: 1, ..Player::default() }).unwrap();
    assert_eq!(scores("ann")[..2], [1, 99]);
    repo.verify().unwrap();
}

#[test]
fn what_was_deleted_long_ago_shrinks_to_what_merging_needs() {
    let store = MemoryStore::new();
    let (repo, clock) = repo(&store);
    repo.set_history::<Person>(History::Full).unwrap();
    let long = Person { story: "word ".repeat(200), last: "Lee".into(), ..Person::default() };
    for name in ["ann", "bob", "cid", "dan"] {
        repo.put(name, long.clone()).unwrap();
    }
    let other = Repo::builder().replica_of(&repo).clock(clock.clone()).open().unwrap();
    other.merge(&repo).unwrap();
    for name in ["ann", "bob", "cid"] {
        repo.delete::<Person>(name).unwrap();
    }
    clock.pass(10 * 86_400_000_000_000);
    assert_eq!(repo.purge(Duration::from_secs(11 * 86_400)).unwrap().objects, 0);
    let before = stored(&store, None);
    let report = repo.purge(Duration::from_secs(9 * 86_400)).unwrap();
    assert_eq!(report.objects, 3);
    let freed = before - stored(&store, None);
    assert!(report.bytes > 3000 && freed as u64 + 400 > report.bytes, "{report}, {freed}");
    assert_eq!(repo.purge(Duration::ZERO).unwrap().objects, 0);
    repo.verify().unwrap();

    // One who was away and changed nothing learns that it is gone; what another changed comes back alone.
    other
        .update::<Person>("bob", |person| {
            person.first = "Bob".into();
            Ok(())
        })
        .unwrap();
    repo.merge(&other).unwrap();
    other.merge(&repo).unwrap();
    assert_eq!(repo.hash(), other.hash());
    assert!(repo.get::<Person>("ann").unwrap().is_none());
    let bob = repo.get::<Person>("bob").unwrap().unwrap();
    assert_eq!(*bob, Person { first: "Bob".into(), ..Person::default() });
    // Written anew it is there as anything is.
    repo.put("cid", Person { age: 3, ..Person::default() }).unwrap();
    clock.pass(10);
    assert_eq!(repo.at::<Person>("cid", clock.now()).unwrap().unwrap().age, 3);
    other.merge(&repo).unwrap();
    assert_eq!(*other.get::<Person>("cid").unwrap().unwrap(), Person { age: 3, ..Person::default() });
    repo.verify().unwrap();
}
