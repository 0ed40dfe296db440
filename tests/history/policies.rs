//! Policies: what each keeps, that it is written down, and that what merges give does not depend on it.

use super::log::work;
use super::{Person, Player, repo, stored};
use crate::random::Random;
use dronestore::stores::MemoryStore;
use dronestore::{History, Repo};
use std::sync::Arc;
use std::time::Duration;

fn count(repo: &Repo) -> usize {
    repo.history::<Player>("ann").unwrap().log().unwrap().map(Result::unwrap).count()
}

#[test]
fn every_program_keeps_to_what_one_has_said() {
    let store = MemoryStore::new();
    let open = || Repo::builder().store(Arc::new(store.clone()));
    drop(open().history::<Player>(History::Last(3)).history_of_others(History::Full).open().unwrap());
    let repo = open().open().unwrap();
    assert_eq!(repo.history_kept("Player").unwrap(), History::Last(3));
    assert_eq!(repo.history_kept("Person").unwrap(), History::Full);
    repo.put("ann", Person::default()).unwrap();
    assert_eq!(repo.verify().unwrap().changes, 1);
    // Said again it is nothing new.
    let sequence = repo.sequence();
    drop(repo);
    let repo = open().history::<Player>(History::Last(3)).open().unwrap();
    assert_eq!(repo.sequence(), sequence);
}

#[test]
fn the_last_so_many_are_kept_and_not_many_more() {
    for most in [1, 5, 40, 300] {
        let store = MemoryStore::new();
        let (repo, clock) = repo(&store);
        repo.set_history::<Player>(History::Last(most)).unwrap();
        for score in 0..1500 {
            clock.pass(1_000_000_000);
            repo.put("ann", Player { score, ..Player::default() }).unwrap();
            let kept = count(&repo).min(score as usize + 1);
            if score % 97 == 0 {
                let least = (most as usize).min(score as usize + 1);
                assert!(kept >= least && kept <= 2 * most as usize + 256, "{kept} of {most} at {score}");
            }
        }
        repo.verify().unwrap();
    }
}

#[test]
fn changes_of_so_long_are_kept() {
    let (repo, clock) = repo(&MemoryStore::new());
    repo.set_history::<Player>(History::Within(Duration::from_secs(600))).unwrap();
    for score in 0..3000 {
        clock.pass(1_000_000_000);
        repo.put("ann", Player { score, ..Player::default() }).unwrap();
    }
    let kept = count(&repo);
    assert!((600..600 + 2 * 256).contains(&kept), "{kept}");
    repo.verify().unwrap();
}

#[test]
fn what_merges_give_does_not_depend_on_what_is_kept() {
    let policies = [
        History::Head,
        History::Last(1),
        History::Last(9),
        History::Within(Duration::from_secs(30)),
        History::Full,
    ];
    for seed in 0..6 {
        println!("seed {seed}");
        let store = MemoryStore::new();
        let (repo, clock) = repo(&store);
        let other = Repo::builder().replica_of(&repo).clock(clock.clone()).open().unwrap();
        // One that hears of everything, and keeps nothing.
        let plain = Repo::builder().replica_of(&repo).open().unwrap();
        let mut random = Random::new(seed + 100);
        for _ in 0..300 {
            clock.pass(random.next() % 3_000_000_000);
            if random.below(20) == 0 {
                repo.set_history::<Person>(policies[random.below(policies.len())]).unwrap();
            }
            work(&repo, &other, &mut random);
            plain.merge(&repo).unwrap();
            assert_eq!(plain.hash(), repo.hash());
        }
        repo.verify().unwrap();
        repo.set_history::<Person>(History::Head).unwrap();
        assert_eq!(stored(&store, Some(b'h')), 0);
        repo.merge(&other).unwrap();
        plain.merge(&other).unwrap();
        assert_eq!(plain.hash(), repo.hash());
        repo.verify().unwrap();
    }
}
