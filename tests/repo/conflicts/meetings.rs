//! Meetings: decisions that differ end on one reading, and nothing grows.

use super::{Card, conflicts, devices, edit, in_conflict, meet, only, phone, settle, side};
use crate::random::{Random, from_env};
use dronestore::{Repo, Resolution};

#[test]
fn two_against_one_read_the_same_after_any_order_of_meetings() {
    let mut random = random();
    for _ in 0..40 {
        let repos = in_conflict(5);
        repos[2].merge(&repos[0]).unwrap();
        // The fourth holds the conflict and decides nothing; the fifth has not heard of it.
        repos[3].merge(&repos[1]).unwrap();
        for (repo, value) in [(&repos[0], "a"), (&repos[1], "a"), (&repos[2], "b")] {
            let conflict = only(repo);
            conflict.resolve(repo, Resolution::Side(side(&conflict, value))).unwrap();
        }
        for _ in 0..random.below(12) {
            let (a, b) = (random.below(5), random.below(5));
            repos[a].merge(&repos[b]).unwrap();
        }
        settle(&repos);
        rest(&repos);
        for repo in &repos {
            assert_eq!((phone(repo).as_str(), conflicts(repo).len()), ("a", 0));
        }
    }
}

#[test]
fn a_device_that_meets_the_conflict_later_reads_the_decision() {
    let repos = in_conflict(4);
    repos[2].merge(&repos[1]).unwrap();
    let decided = only(&repos[0]);
    decided.resolve(&repos[0], Resolution::Side(side(&decided, "a"))).unwrap();
    // The fourth gets the decision alone, and then both sides from one who knows of no decision.
    let kind = "dronestore.Decision";
    let decision = repos[0].objects(&dronestore::Key::root()).unwrap().map(Result::unwrap);
    let decision = decision.into_iter().find(|version| version.kind() == kind).unwrap();
    repos[3].merge(&decision).unwrap();
    let unresolved = repos[2].get::<Card>("x").unwrap().unwrap();
    repos[3].merge(unresolved.version().unwrap()).unwrap();
    let hash = repos[3].hash();
    assert_eq!((phone(&repos[3]).as_str(), conflicts(&repos[3]).len()), ("a", 0));
    assert_eq!((phone(&repos[2]).as_str(), conflicts(&repos[2]).len()), ("b", 1));
    assert!(repos[3].iter::<Card>().unwrap().all(|card| card.unwrap().phone == "a"));
    assert_eq!(repos[3].hash(), hash, "reading writes nothing");
    let version = repos[3].get::<Card>("x").unwrap().unwrap().version().unwrap().hash();
    assert_eq!(version, unresolved.version().unwrap().hash(), "the object itself is as it was");
}

#[test]
fn random_meetings_end_on_one_reading() {
    let mut random = random();
    for _ in 0..60 {
        let repos = devices(4);
        for step in 0..40 {
            let repo = &repos[random.below(4)];
            match random.below(9) {
                0 | 1 => edit(repo, |card| card.phone = format!("{}", (b'a' + (step % 3) as u8) as char)),
                2 => edit(repo, |card| card.calls += 1),
                3 => edit(repo, |card| card.numbers.extend([("n".into(), step as u32 % 4)])),
                4 | 5 => {
                    if let Some(conflict) = conflicts(repo).pop() {
                        let sides = conflict.sides().len();
                        conflict.resolve(repo, Resolution::Side(random.below(sides))).unwrap();
                    }
                }
                6 => {
                    let conflict = conflicts(repo).into_iter().find(|found| found.attribute() == "phone");
                    if let Some(conflict) = conflict {
                        conflict.resolve(repo, Resolution::value(&format!("v{step}")).unwrap()).unwrap();
                    }
                }
                _ => drop(repo.merge(&repos[random.below(4)]).unwrap()),
            }
        }
        settle(&repos);
        rest(&repos);
    }
}

fn random() -> Random {
    let seed = from_env("DRONESTORE_SEED", 7);
    println!("DRONESTORE_SEED={seed}");
    Random::new(seed)
}

/// All read the same; neither meeting nor saving what was read makes anything new.
fn rest(repos: &[Repo]) {
    let card = repos[0].get::<Card>("x").unwrap().unwrap();
    let open = repos[0].conflicts::<Card>().unwrap().count().unwrap();
    let decided = repos[0].conflicts::<Card>().unwrap().decided().count().unwrap();
    for repo in repos {
        // The first who asks makes the index.
        assert_eq!(repo.conflicts::<Card>().unwrap().count().unwrap(), open);
        let sequence = repo.sequence();
        let mut read = repo.get::<Card>("x").unwrap().unwrap();
        assert_eq!(read, card);
        assert!(read.changes().unwrap().is_empty());
        assert!(!repo.save(&mut read).unwrap().is_new());
        repo.put("x", (*read).clone()).unwrap();
        repo.update::<Card>("x", |_| Ok(())).unwrap();
        assert_eq!(repo.conflicts::<Card>().unwrap().decided().count().unwrap(), decided);
        let shown = repo.explain(&super::key(), "phone").unwrap();
        if let Some(part) = shown.parts.first() {
            assert_eq!(part.reads.as_ref().and_then(|value| value.as_text()), Some(card.phone.as_str()));
        }
        assert!(!repo.merge(&repos[0]).unwrap().has_news());
        assert_eq!(repo.sequence(), sequence, "nothing was written");
    }
    for repo in repos {
        meet(repo, &repos[0]);
        assert_eq!(repo.hash(), repos[0].hash());
    }
}
