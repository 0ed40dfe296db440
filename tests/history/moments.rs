//! Asking of a moment: what is refused, and which moment is now.

use super::{Person, Player, repo};
use dronestore::stores::MemoryStore;
use dronestore::{Clock, Drone, ErrorKind, History};

#[test]
fn a_query_of_a_moment_is_neither_watched_nor_told_as_data() {
    let (repo, clock) = repo(&MemoryStore::new());
    repo.set_history::<Player>(History::Full).unwrap();
    let put = |score| drop(repo.put("ann", Player { score, ..Player::default() }).unwrap());
    put(1);
    let then = repo.now();
    clock.pass(1_000_000_000);
    put(2);
    let find = || repo.query::<Player>().filter(Player::fields().score.eq(1));
    assert_eq!((find().at(then).count().unwrap(), find().count().unwrap()), (1, 0));
    for error in [
        find().at(then).watch().map(drop).unwrap_err(),
        find().at(then).into_query().map(drop).unwrap_err(),
        repo.view().unwrap().query::<Player>().watch().map(drop).unwrap_err(),
        repo.view().unwrap().query::<Player>().into_query().map(drop).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.to_string().contains("another moment than now"), "{error}");
    }
    find().into_query().unwrap();
    // The last moment that was said counts, and also in a view.
    assert_eq!(find().at(repo.now()).at(then).count().unwrap(), 1);
    let mut view = repo.view().unwrap();
    assert_eq!(view.query::<Player>().filter(Player::fields().score.eq(1)).at(then).count().unwrap(), 1);
    assert!(repo.query::<Player>().matching("scor = 1").at(then).count().unwrap_err().is_not_found());
}

#[test]
fn now_has_seen_what_was_just_committed_although_the_wall_clock_stands() {
    let (repo, clock) = repo(&MemoryStore::new());
    repo.set_history::<Person>(History::Full).unwrap();
    for visits in 1..=5 {
        repo.put("ann", Person { visits, ..Person::default() }).unwrap();
        assert_eq!(repo.at::<Person>("ann", repo.now()).unwrap().unwrap().visits, visits);
    }
    assert!(clock.now() < repo.now());
    let visits = Person::fields().visits;
    assert_eq!(repo.query::<Person>().at(repo.now()).max(visits).unwrap(), Some(5));
    clock.pass(1_000_000_000);
    assert_eq!(repo.now(), clock.now());
}
