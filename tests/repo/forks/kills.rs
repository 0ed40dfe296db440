//! The store fails at any call of a healing: all of it is done, or none.

use super::{change, copy_of, house, open};
use dronestore::Repo;
use dronestore::stores::MemoryStore;
use dronestore::testing::{Fault, FaultyStore};
use std::sync::Arc;

#[test]
fn a_healing_that_fails_is_done_by_the_next() {
    for fault in [Fault::Refuse, Fault::Lose, Fault::Keep] {
        let store = MemoryStore::new();
        change(&open(&store), "h", |house| house.visits = 1);
        let twin = open(&copy_of(&store));
        let faulty = FaultyStore::new(store.clone());
        let repo = Repo::builder().store(Arc::new(faulty.clone())).open().unwrap();
        let actor = repo.actor();
        for name in ["h", "i"] {
            change(&repo, name, |house| house.visits += 10);
            change(&twin, name, |house| house.visits += 100);
        }
        let mut handle = repo.get::<super::House>("h").unwrap().unwrap();
        faulty.fail_apply(1, fault);
        repo.merge(&twin).unwrap_err();
        repo.merge(&twin).unwrap();
        assert_ne!(repo.actor(), actor);
        handle.visits += 1000;
        repo.save(&mut handle).unwrap();
        twin.merge(&repo).unwrap();
        super::agree(&repo, &twin);
        assert_eq!((house(&repo, "h").visits, house(&repo, "i").visits), (1111, 110), "{fault:?}");
        // Whoever opens the store then finds the new actor.
        assert_eq!(open(&store).actor(), repo.actor());
    }
}
