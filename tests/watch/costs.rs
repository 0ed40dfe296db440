//! What watching costs, in counts: a write pays for those whom it concerns.

use super::{Other, Person, person};
use dronestore::stores::MemoryStore;
use dronestore::testing::{CountingStore, Counts};
use dronestore::{Drone, Repo, Update, Versioned, Watch, WatchCost};
use std::sync::Arc;

fn counted() -> (Repo, CountingStore) {
    let store = CountingStore::new(MemoryStore::new());
    (Repo::builder().store(Arc::new(store.clone())).open().unwrap(), store)
}

type Persons = Watch<Versioned<Person>>;

fn begin(mut watch: Persons) -> Persons {
    assert!(matches!(watch.try_next().unwrap(), Some(Update::Result { .. })));
    watch
}

/// How often one write of a person asks the store for something, and how much it writes.
fn write(repo: &Repo, store: &CountingStore, rank: i64) -> [u64; 4] {
    store.take();
    let person = Person { team: Some("red".into()), ..person("ann", rank) };
    repo.put("a", person).unwrap();
    let Counts { gets, scans, keys_written, snapshots, .. } = store.take();
    [gets, scans, keys_written, snapshots]
}

#[test]
fn a_write_that_concerns_nobody_asks_the_store_for_nothing_more() {
    let (repo, store) = counted();
    write(&repo, &store, 0);
    let alone = write(&repo, &store, 1);
    let mut others: Vec<_> = (0..2000).map(|_| repo.watch::<Other>().unwrap()).collect();
    others.iter_mut().for_each(|watch| drop(watch.try_next().unwrap()));
    assert_eq!(write(&repo, &store, 2), alone);
    // Of a kind that is watched the old version is read, once for all.
    let below = |number: usize| Person::key_of(&format!("p{number}")).unwrap();
    let elsewhere: Vec<_> = (0..2000)
        .map(|number| begin(repo.query::<Person>().under(&below(number)).watch().unwrap()))
        .collect();
    assert_eq!(write(&repo, &store, 3), alone);
    drop(elsewhere);
    let team = |number: usize| Person::fields().team.eq(format!("team {number}"));
    let mut teams: Vec<_> =
        (0..2000).map(|number| begin(repo.query::<Person>().filter(team(number)).watch().unwrap())).collect();
    let costs: Vec<WatchCost> = teams.iter().map(Watch::cost).collect();
    let watched = write(&repo, &store, 4);
    assert_eq!(watched, [alone[0] + 1, alone[1], alone[2], alone[3]]);
    // None of them was woken, and none evaluates anything.
    for (watch, cost) in teams.iter_mut().zip(costs) {
        assert!(watch.try_next().unwrap().is_none());
        assert_eq!(watch.cost(), cost);
    }
    for watch in &mut others {
        assert!(watch.try_next().unwrap().is_none());
    }
}

#[test]
fn a_change_is_evaluated_as_it_was_and_as_it_is_however_much_there_is() {
    for objects in [1, 3000] {
        let (repo, store) = counted();
        repo.transaction(|transaction| {
            (0..objects)
                .try_for_each(|name| transaction.put(format!("{name:05}"), person("p", name)).map(drop))
        })
        .unwrap();
        let mut watch = begin(repo.query::<Person>().filter(Person::fields().rank.ge(0)).watch().unwrap());
        assert_eq!(watch.cost(), WatchCost { evaluated: 0, queries: 1 });
        store.take();
        repo.put("00000", person("p", -1)).unwrap();
        store.take();
        assert!(matches!(watch.try_next().unwrap(), Some(Update::Removed { .. })));
        assert_eq!(watch.cost(), WatchCost { evaluated: 2, queries: 1 });
        assert_eq!(store.take(), Counts::default(), "nothing is read to tell it");
    }
}

#[test]
fn a_query_with_a_limit_is_asked_again_when_its_reserve_is_used_up() {
    let (repo, _) = counted();
    repo.transaction(|transaction| {
        (0..1000).try_for_each(|name| transaction.put(format!("{name:05}"), person("p", name)).map(drop))
    })
    .unwrap();
    let first = repo.query::<Person>().order_by(Person::fields().rank.asc()).limit(10);
    let mut watch = begin(first.watch().unwrap());
    for number in 0..200 {
        repo.delete::<Person>(format!("{number:05}")).unwrap();
        assert!(matches!(watch.try_next().unwrap(), Some(Update::Removed { deleted: true, .. })));
        assert!(matches!(watch.try_next().unwrap(), Some(Update::Added { .. })));
        // Far behind the window nothing moves.
        repo.put("00999", person("p", 900 + number)).unwrap();
        assert!(watch.try_next().unwrap().is_none());
    }
    // The reserve is 21 objects.
    assert_eq!(watch.cost().queries, 1 + 200 / 22);
}
