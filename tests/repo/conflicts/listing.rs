//! What is listed, and by which filters.

use super::{Card, conflicts, devices, edit, in_conflict, key, meet, only};
use dronestore::store::{Store, Write};
use dronestore::stores::MemoryStore;
use dronestore::testing::CountingStore;
use dronestore::{Clock, Drone, Nanotime, Repo, Resolution, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

#[test]
fn a_conflict_is_listed_with_all_its_sides() {
    let repos = in_conflict(2);
    for repo in &repos {
        let conflict = only(repo);
        assert_eq!((conflict.key(), conflict.kind(), conflict.attribute()), (&key(), "Card", "phone"));
        assert_eq!((conflict.path().to_string(), conflict.strategy()), ("phone".into(), "conflict"));
        assert_eq!(conflict.sides().len(), 2);
        for (value, writer) in [("a", &repos[0]), ("b", &repos[1])] {
            let side = conflict.sides().iter().find(|side| side.dot.actor == writer.actor()).unwrap();
            assert_eq!(side.value, Value::from(value));
            assert!(side.time <= conflict.time());
        }
        assert_eq!(*conflict.reads(), Value::from(super::phone(repo)));
        assert_eq!(conflict.to_string().matches(" or ").count(), 1);
        assert!(conflict.ancestor().is_none() && conflict.decided().is_none());
        assert_eq!(repo.conflicts::<Card>().unwrap().count().unwrap(), 1);
        assert_eq!(repo.verify().unwrap().conflicts, 1);
    }
    assert_eq!(only(&repos[0]).fingerprint(), only(&repos[1]).fingerprint());
}

#[test]
fn equal_values_are_no_conflict() {
    let repos = devices(2);
    repos.iter().for_each(|repo| edit(repo, |card| card.phone = "a".into()));
    meet(&repos[0], &repos[1]);
    assert!(conflicts(&repos[0]).is_empty());
}

#[test]
fn what_lost_under_latest_is_listed_until_a_write_has_seen_it() {
    let repos = devices(2);
    edit(&repos[0], |card| card.note = "one".into());
    edit(&repos[1], |card| card.note = "two".into());
    meet(&repos[0], &repos[1]);
    assert!(conflicts(&repos[0]).is_empty());
    let lost = || repos[0].conflicts::<Card>().unwrap().lost();
    let listed = lost().next().unwrap().unwrap();
    assert_eq!((listed.strategy(), listed.sides().len(), listed.reads()), ("latest", 2, &Value::from("two")));
    let refused = listed.resolve(&repos[0], Resolution::Side(0)).unwrap_err();
    assert!(refused.to_string().contains("write the field"), "{refused}");
    edit(&repos[0], |card| card.calls += 1);
    assert_eq!(lost().count().unwrap(), 1);
    edit(&repos[0], |card| card.note = "three".into());
    assert_eq!(lost().count().unwrap(), 0);
    repos[0].verify().unwrap();
}

#[test]
fn conflicts_below_maps_and_nested_drones_are_listed() {
    let repos = devices(2);
    for (number, repo) in (1..).zip(&repos) {
        edit(repo, |card| {
            card.numbers.insert("work".into(), number);
            card.home.street = format!("street {number}");
            card.home.rooms.insert("hall".into(), number);
        });
    }
    meet(&repos[0], &repos[1]);
    let mut paths: Vec<String> = conflicts(&repos[1]).iter().map(|found| found.path().to_string()).collect();
    paths.sort();
    assert_eq!(paths, ["home.rooms[\"hall\"]", "home.street", "numbers[\"work\"]"]);
    assert_eq!(repos[1].conflicts::<Card>().unwrap().attribute("home").count().unwrap(), 2);
}

#[derive(Debug, Clone, Default)]
struct Hand(Arc<AtomicU64>);

impl Clock for Hand {
    fn now(&self) -> Nanotime {
        Nanotime::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

#[test]
fn conflicts_are_filtered() {
    let hand = Hand::default();
    let hour = Duration::from_secs(3600);
    hand.0.store(1_700_000_000_000_000_000, Ordering::Relaxed);
    let a = Repo::builder().clock(hand.clone()).open().unwrap();
    let b = Repo::builder().clock(hand.clone()).replica_of(&a).open().unwrap();
    a.put("x", Card::default()).unwrap();
    b.merge(&a).unwrap();
    for (repo, text) in [(&a, "a"), (&b, "b")] {
        edit(repo, |card| card.phone = text.into());
    }
    hand.0.fetch_add(2 * hour.as_nanos() as u64, Ordering::Relaxed);
    for (repo, text) in [(&a, "a"), (&b, "b")] {
        edit(repo, |card| card.fax = text.into());
    }
    meet(&a, &b);
    let list = || a.conflicts::<Card>().unwrap();
    let shown = |list: dronestore::Conflicts| -> Vec<String> {
        list.map(|conflict| conflict.unwrap().attribute().to_owned()).collect()
    };
    assert_eq!(shown(list()), ["fax", "phone"]);
    assert_eq!(shown(list().attribute("fax")), ["fax"]);
    assert_eq!(shown(list().older_than(hour)), ["phone"]);
    assert_eq!(shown(list().younger_than(hour)), ["fax"]);
    assert_eq!(shown(list().actor(b.actor())), ["fax", "phone"]);
    assert_eq!(list().actor(b.actor()).count().unwrap(), 2);
    assert_eq!(shown(list().actor(Repo::memory().unwrap().actor())), [""; 0]);
    assert_eq!(a.all_conflicts().unwrap().kind("Card").unwrap().count().unwrap(), 2);
    assert_eq!(a.all_conflicts().unwrap().kind("Person").unwrap().count().unwrap(), 0);
    assert_eq!(list().older_than(3 * hour).count().unwrap(), 0);
}

#[test]
fn the_index_follows_every_write() {
    let repos = in_conflict(2);
    let count = || repos[0].conflicts::<Card>().unwrap().count().unwrap();
    assert_eq!(count(), 1);
    repos[0].delete::<Card>("x").unwrap();
    assert_eq!((count(), repos[0].verify().unwrap().conflicts), (0, 0));
    edit(&repos[1], |card| card.calls += 1);
    meet(&repos[0], &repos[1]);
    assert_eq!((count(), repos[0].verify().unwrap().conflicts), (1, 1));
    edit(&repos[0], |card| card.phone = if card.phone == "a" { "b".into() } else { "a".into() });
    assert_eq!((count(), repos[0].verify().unwrap().conflicts), (0, 0));
}

#[test]
fn an_index_is_made_once_and_found_again() {
    let store = MemoryStore::new();
    let open = |store: &MemoryStore| Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    let repo = open(&store);
    let other = in_conflict(2).remove(0);
    repo.merge_foreign(&other).unwrap();
    let before = repo.sequence();
    assert_eq!(conflicts(&repo).len(), 1);
    assert_eq!(repo.sequence(), before + 1);
    // Another repo on the same store, and one that was open before the index was made.
    let again = open(&store);
    assert_eq!((conflicts(&again).len(), again.sequence()), (1, before + 1));
    only(&again).resolve(&again, Resolution::Side(0)).unwrap();
    assert_eq!(conflicts(&repo).len(), 0);
    edit(&repo, |card| card.calls += 1);
    assert_eq!(repo.verify().unwrap().conflicts, 0);
}

#[test]
fn an_index_that_is_wrong_is_noticed() {
    let store = MemoryStore::new();
    let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    repo.put("x", Card::default()).unwrap();
    assert_eq!(repo.conflicts::<Card>().unwrap().count().unwrap(), 0);
    repo.verify().unwrap();
    let row = [b"o", "Card".as_bytes(), &[0], Card::key_of("x").unwrap().as_encoded()].concat();
    store.apply(&[], &[Write::put(&row, &[0])]).unwrap();
    assert!(repo.verify().unwrap_err().is_corrupt());
}

#[test]
fn who_has_no_conflict_pays_nothing() {
    let store = CountingStore::new(MemoryStore::new());
    let repo = Repo::builder().store(Arc::new(store.clone())).open().unwrap();
    let other = Repo::builder().replica_of(&repo).open().unwrap();
    repo.put("x", Card::default()).unwrap();
    other.merge(&repo).unwrap();
    for (repo, text) in [(&repo, "a"), (&other, "b")] {
        edit(repo, |card| card.note = text.into());
    }
    repo.merge(&other).unwrap();
    edit(&repo, |card| card.calls += 1);
    store.take();
    let mut card = repo.get::<Card>("x").unwrap().unwrap();
    assert_eq!(store.take().gets, 1);
    repo.iter::<Card>().unwrap().for_each(|card| drop(card.unwrap()));
    assert_eq!(store.take().gets, 0);
    card.calls += 1;
    repo.save(&mut card).unwrap();
    let counts = store.take();
    assert_eq!((counts.gets, counts.scans, counts.keys_written), (1, 0, 2));
}
