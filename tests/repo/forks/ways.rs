//! Every way in: a repo, a session, versions one by one, a bundle, a shared folder, a handle.

use super::{agree, change, copy_of, house, open, twins};
use crate::repo::forks::House;
use crate::shared::Place;
use dronestore::bundle::BundleOptions;
use dronestore::stores::MemoryStore;
use dronestore::{Key, Repo, Version};

type Way = fn(&Repo, &Repo);

fn versions(repo: &Repo) -> Vec<Version> {
    repo.objects(&Key::root()).unwrap().map(Result::unwrap).collect()
}

fn give(from: &[Version], to: &Repo) {
    from.iter().for_each(|version| {
        to.merge(version).unwrap();
    });
}

fn bundle(repo: &Repo) -> Vec<u8> {
    let mut bytes = Vec::new();
    repo.write_bundle(&mut bytes, BundleOptions::new()).unwrap();
    bytes
}

fn import(bytes: &[u8], repo: &Repo) {
    repo.import_bundle(bytes).unwrap();
}

/// From the one to the other and back, until nothing is new.
const WAYS: [(&str, Way); 10] = [
    ("merge", |a, b| {
        a.merge(b).unwrap();
        b.merge(a).unwrap();
    }),
    ("session", |a, b| _ = a.sync_with(b).unwrap()),
    ("session from the other side", |a, b| _ = b.sync_with(a).unwrap()),
    ("versions", |a, b| {
        give(&versions(b), a);
        give(&versions(a), b);
        give(&versions(b), a);
    }),
    ("versions that cross", |a, b| {
        let (ours, theirs) = (versions(a), versions(b));
        give(&theirs, a);
        give(&ours, b);
        give(&versions(b), a);
        give(&versions(a), b);
        give(&versions(b), a);
    }),
    ("bundles", |a, b| {
        import(&bundle(a), b);
        import(&bundle(b), a);
        import(&bundle(a), b);
    }),
    ("bundles that cross", |a, b| {
        let (ours, theirs) = (bundle(a), bundle(b));
        import(&theirs, a);
        import(&ours, b);
        import(&bundle(b), a);
        import(&bundle(a), b);
        import(&bundle(b), a);
    }),
    ("a folder", |a, b| {
        let (_, folder) = Place::new();
        for repo in [a, b, a, b] {
            repo.sync_folder(&folder).unwrap();
        }
    }),
    ("a folder from the other side", |a, b| {
        let (_, folder) = Place::new();
        for repo in [b, a, b] {
            repo.sync_folder(&folder).unwrap();
        }
    }),
    ("publications that cross", |a, b| {
        let (_, folder) = Place::new();
        a.publish(&folder).unwrap();
        b.publish(&folder).unwrap();
        for repo in [a, b, a, b] {
            repo.sync_folder(&folder).unwrap();
        }
    }),
];

fn begin(repo: &Repo) {
    change(repo, "h", |house| {
        (house.visits, house.balance, house.name) = (10, 100, "old".into());
        *house.votes.entry("a".into()).or_default() += 7;
        house.rooms.entry("kitchen".into()).or_default().heat = 20;
        house.hall.heat = 5;
        house.story = "Once.".into();
        house.steps = vec!["one".into()];
        house.plan.push(super::Step { id: 1, done: 3 });
    });
}

fn write(repo: &Repo, who: &str, times: usize) {
    for turn in 0..times {
        change(repo, "h", |house| {
            house.visits += 1;
            house.balance -= 3;
            *house.votes.entry("a".into()).or_default() += 2;
            *house.votes.entry(who.into()).or_default() += 1;
            house.rooms.entry("kitchen".into()).or_default().heat += 1;
            house.hall.heat += 1;
            house.plan[0].done += 1;
            house.tags.insert(format!("{who}{turn}"));
            house.steps.push(format!("{who}{turn}"));
            house.order.push(format!("{who}{turn}"));
            house.story.push_str(&format!("<{who}{turn}>"));
            house.street = format!("{who} street");
        });
    }
    change(repo, who, |house| house.visits += 1);
}

#[test]
fn two_live_copies_agree_and_nothing_is_lost_or_counted_twice() {
    for (way, meet) in WAYS {
        for (x, y) in [(1, 1), (1, 3), (3, 1), (4, 4)] {
            let (a, b) = twins(begin);
            write(&a, "x", x);
            write(&b, "y", y);
            meet(&a, &b);
            let crosses = way.starts_with("versions") || way.ends_with("cross");
            if crosses {
                assert_eq!(a.hash(), b.hash(), "{way} {x} {y}");
            } else {
                agree(&a, &b);
            }
            let total = (x + y) as u64;
            let house = house(&a, "h");
            assert_eq!(house.visits, 10 + total, "{way} {x} {y}");
            assert_eq!(house.balance, 100 - 3 * total as i64);
            assert_eq!(house.votes["a"], 7 + 2 * total as i64);
            assert_eq!((house.votes["x"], house.votes["y"]), (x as i64, y as i64));
            assert_eq!(house.rooms["kitchen"].heat, 20 + total as i64);
            assert_eq!((house.hall.heat, house.plan[0].done), (5 + total as i64, 3 + total));
            for (who, times) in [("x", x), ("y", y)] {
                for turn in 0..times {
                    let name = format!("{who}{turn}");
                    assert!(house.tags.contains(&name));
                    for list in [&house.steps, &house.order] {
                        assert_eq!(list.iter().filter(|step| **step == name).count(), 1, "{way}");
                    }
                    assert_eq!(house.story.matches(&format!("<{name}>")).count(), 1);
                }
            }
            assert_ne!(a.actor(), b.actor());
            // They go on and stay replicas like any other.
            write(&a, "x", 1);
            write(&b, "y", 2);
            a.sync_with(&b).unwrap();
            assert_eq!(a.hash(), b.hash());
            assert_eq!(a.get::<House>("h").unwrap().unwrap().visits, 13 + total);
        }
    }
}

#[test]
fn two_live_copies_of_a_repo_that_had_published_meet_in_its_folder() {
    for (x, y) in [(1, 1), (1, 3), (3, 1)] {
        let (_, folder) = Place::new();
        let store = MemoryStore::new();
        let first = open(&store);
        begin(&first);
        first.publish(&folder).unwrap();
        drop(first);
        let (a, b) = (open(&store), open(&copy_of(&store)));
        write(&a, "x", x);
        write(&b, "y", y);
        for repo in [&a, &b, &a, &b] {
            repo.sync_folder(&folder).unwrap();
        }
        agree(&a, &b);
        let total = (x + y) as u64;
        let house = house(&a, "h");
        assert_eq!((house.visits, house.hall.heat), (10 + total, 5 + total as i64), "{x} {y}");
        assert_ne!(a.actor(), b.actor());
        // A third one that has only the folder holds the same.
        let other = Repo::memory().unwrap();
        other.pull(&folder).unwrap();
        assert_eq!(other.hash(), a.hash());
        other.verify().unwrap();
    }
}

#[test]
fn what_was_told_as_a_delta_keeps_its_name() {
    let (a, b) = twins(begin);
    let other = Repo::builder().replica_of(&a).open().unwrap();
    a.sync_with(&other).unwrap();
    write(&a, "x", 3);
    let report = a.sync_with(&other).unwrap();
    assert!(report.deltas > 0, "{report}");
    write(&b, "y", 1);
    // Whoever is ahead renames its writes only where nobody knows them: `other` does, so it is the copy that has to.
    a.merge(&b).unwrap();
    b.merge(&a).unwrap();
    for (from, to) in [(&b, &a), (&a, &other), (&other, &b)] {
        to.merge(from).unwrap();
    }
    assert_eq!((a.hash(), other.hash()), (b.hash(), b.hash()));
    assert_eq!(house(&other, "h").visits, 14);
    for repo in [&a, &b, &other] {
        repo.verify().unwrap();
    }
}

#[test]
fn a_restored_repo_meets_what_its_lost_future_gave_to_others() {
    for (x, y) in [(0, 2), (1, 3), (2, 2), (3, 1)] {
        let (restored, lost) = twins(begin);
        write(&lost, "y", y);
        let other = Repo::builder().replica_of(&lost).open().unwrap();
        other.merge(&lost).unwrap();
        drop(lost);
        if x > 0 {
            write(&restored, "x", x);
        }
        restored.merge(&other).unwrap();
        other.merge(&restored).unwrap();
        assert_eq!(restored.hash(), other.hash());
        assert_eq!(house(&other, "h").visits, 10 + (x + y) as u64);
        restored.verify().unwrap();
    }
}
