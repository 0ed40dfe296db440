//! Every call of the store fails once, in turn: history and heads agree whatever happens.

use super::{HandClock, Person, Player, stored};
use dronestore::stores::MemoryStore;
use dronestore::testing::{Fault, FaultyStore};
use dronestore::{Clock, History, Repo, Result};
use std::sync::Arc;

fn again<R>(mut call: impl FnMut() -> Result<R>) -> R {
    (0..3).find_map(|_| call().ok()).unwrap_or_else(|| call().unwrap())
}

/// Edits on both sides of where a block is made.
fn scenario(store: &FaultyStore, history: History) -> Repo {
    let repo = again(|| Repo::builder().store(Arc::new(store.clone())).open());
    again(|| repo.set_history::<Player>(history));
    for score in 0..18 {
        again(|| repo.put("ann", Player { score, ..Player::default() }));
    }
    again(|| {
        repo.transaction(|transaction| {
            (100..120)
                .try_for_each(|score| transaction.put("ann", Player { score, ..Player::default() }).map(drop))
        })
    });
    again(|| repo.put("ann", Player { score: 1, ..Player::default() }));
    repo
}

#[test]
fn history_and_heads_agree_after_any_failure() {
    for history in [History::Last(4), History::Full] {
        let store = FaultyStore::new(MemoryStore::new());
        scenario(&store, history).verify().unwrap();
        let calls = store.calls();
        for fault in [Fault::Refuse, Fault::Lose, Fault::Keep] {
            for call in (1..=calls).step_by(3) {
                let store = FaultyStore::new(MemoryStore::new());
                store.fail_call(call, fault);
                let repo = scenario(&store, history);
                store.heal();
                let report = repo.verify().unwrap_or_else(|error| panic!("{fault:?} at {call}: {error}"));
                assert_eq!(repo.get::<Player>("ann").unwrap().unwrap().score, 1);
                // The transaction, made again after an unknown outcome, is twenty changes more.
                assert!(report.changes > 4 && report.changes <= 59, "{fault:?} at {call}: {report}");
            }
        }
    }
}

#[test]
fn a_repo_that_dies_at_any_batch_opens_with_history_and_heads_in_step() {
    for call in 1..45 {
        let memory = MemoryStore::new();
        let store = FaultyStore::new(memory.clone());
        store.die_at_apply(call, if call % 2 == 0 { Fault::Keep } else { Fault::Lose });
        let work = || -> Result<()> {
            let repo = Repo::builder().store(Arc::new(store.clone())).open()?;
            repo.set_history::<Player>(History::Last(4))?;
            (0..40).try_for_each(|score| repo.put("ann", Player { score, ..Player::default() }).map(drop))
        };
        let _ = work();
        let repo = Repo::builder().store(Arc::new(memory.clone())).open().unwrap();
        repo.verify().unwrap();
        repo.put("ann", Player { score: 77, ..Player::default() }).unwrap();
        repo.verify().unwrap();
        repo.set_history::<Player>(History::Head).unwrap();
        assert_eq!(stored(&memory, Some(b'h')), 0);
    }
}

#[test]
fn nothing_is_taken_back_twice_whatever_became_of_the_first_attempt() {
    for (fault, comes_to) in [(Fault::Refuse, 10), (Fault::Lose, 15), (Fault::Keep, 10)] {
        let store = FaultyStore::new(MemoryStore::new());
        let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
        repo.put("ann", Person { visits: 10, ..Person::default() }).unwrap();
        let undo = repo.undo_log();
        repo.update::<Person>("ann", |ann| {
            ann.visits += 5;
            Ok(())
        })
        .unwrap();
        store.fail_apply(1, fault);
        undo.undo().unwrap_err();
        undo.undo().unwrap();
        assert_eq!(repo.get::<Person>("ann").unwrap().unwrap().visits, comes_to, "{fault:?}");
    }
}

#[test]
fn a_sweep_that_failed_leaves_nothing_that_is_told_of_later_moments() {
    let store = FaultyStore::new(MemoryStore::new());
    let clock = HandClock::at(1_800_000_000);
    let repo = Repo::builder().store(Arc::new(store.clone())).clock(clock.clone()).open().unwrap();
    repo.set_history::<Player>(History::Full).unwrap();
    let put = |score| {
        clock.pass(1_000_000_000);
        repo.put("ann", Player { score, ..Player::default() }).unwrap();
    };
    (1..=2).for_each(put);
    // The policy is written, the history is not swept.
    store.fail_apply(2, Fault::Refuse);
    repo.set_history::<Player>(History::Head).unwrap_err();
    put(3);
    let now = clock.now();
    assert_eq!(repo.at::<Player>("ann", now).unwrap().unwrap().score, 3);
    let past = repo.history::<Player>("ann").unwrap();
    assert_eq!((past.log().unwrap().count(), past.since().unwrap()), (0, None), "none is kept");
    repo.verify().unwrap();
    put(4);
    repo.set_history::<Player>(History::Full).unwrap();
    put(5);
    assert!(repo.at::<Player>("ann", now).unwrap_err().is_not_found());
    assert_eq!(repo.at::<Player>("ann", clock.now()).unwrap().unwrap().score, 5);
    repo.prune().unwrap();
}

#[test]
fn a_sweep_that_went_half_way_leaves_a_repo_that_reads_and_verifies() {
    let store = FaultyStore::new(MemoryStore::new());
    let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    repo.set_history::<Player>(History::Full).unwrap();
    repo.transaction(|transaction| {
        for (name, score) in (0..25).flat_map(|name| (0..200).map(move |score| (name, score))) {
            transaction.put(format!("{name:02}"), Player { score, ..Player::default() })?;
        }
        Ok(())
    })
    .unwrap();
    // The first 4096 of 5000 rows go, in the middle of an object's.
    store.fail_apply(3, Fault::Refuse);
    repo.set_history::<Player>(History::Head).unwrap_err();
    repo.verify().unwrap();
    for name in 0..25 {
        let past = repo.history::<Player>(format!("{name:02}")).unwrap();
        assert_eq!(past.log().unwrap().map(Result::unwrap).count(), 0);
        assert_eq!(past.at(repo.now()).unwrap().unwrap().score, 199);
    }
    assert_eq!(repo.query::<Player>().at(repo.now()).count().unwrap(), 25);
    repo.set_history::<Player>(History::Full).unwrap();
    repo.verify().unwrap();
}
