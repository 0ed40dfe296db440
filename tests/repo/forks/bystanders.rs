//! Replicas that never were copies hold what one of the copies wrote: all agree with them, and nothing counts twice.

use super::{House, change, copy_of, house, open, twins};
use crate::random::Random;
use dronestore::stores::MemoryStore;
use dronestore::version::settle;
use dronestore::{Key, Repo};

/// Two copies, and a replica that holds what they began with.
fn three(begin: impl FnOnce(&Repo)) -> [Repo; 3] {
    let store = MemoryStore::new();
    let first = open(&store);
    begin(&first);
    let server = Repo::builder().replica_of(&first).open().unwrap();
    server.merge(&first).unwrap();
    drop(first);
    [open(&store), open(&copy_of(&store)), server]
}

fn meet_all(repos: &[Repo]) {
    for a in repos {
        for b in repos {
            if !std::ptr::eq(a, b) {
                a.sync_with(b).unwrap();
            }
        }
    }
}

fn all_agree(repos: &[Repo]) {
    for repo in repos {
        assert_eq!(repo.hash(), repos[0].hash());
        repo.verify().unwrap();
    }
}

fn visit(repo: &Repo) {
    change(repo, "h", |house| house.visits += 1);
}

#[test]
fn a_server_that_knows_one_copy_agrees_with_both() {
    // Which of the two stands is chance: their commits' tags say.
    for turn in 0..16 {
        let repos = three(visit);
        let [a, b, server] = &repos;
        visit(a);
        visit(b);
        a.sync_with(server).unwrap();
        if turn % 2 == 0 {
            a.sync_with(b).unwrap();
        }
        (0..3).for_each(|_| meet_all(&repos));
        all_agree(&repos);
        assert_eq!(house(server, "h").visits, 3);
        repos.iter().for_each(visit);
        (0..2).for_each(|_| meet_all(&repos));
        all_agree(&repos);
        assert_eq!(house(a, "h").visits, 6);
        // Quiet meetings write nothing.
        let rows = repos.each_ref().map(Repo::sequence);
        meet_all(&repos);
        assert_eq!(repos.each_ref().map(Repo::sequence), rows);
        assert!(a.sync_with(server).unwrap().in_sync);
    }
}

#[test]
fn what_a_server_wrote_onto_either_copy_stays() {
    for _ in 0..16 {
        let repos = three(|repo| change(repo, "h", |house| house.steps.push("one".into())));
        let [a, b, server] = &repos;
        for (repo, name) in [(a, "a"), (b, "b")] {
            change(repo, "h", |house| {
                house.visits += 1;
                house.tags.insert(name.into());
            });
        }
        a.sync_with(server).unwrap();
        change(server, "h", |house| {
            house.visits += 10;
            house.tags.insert("server".into());
            house.steps.push("two".into());
        });
        b.sync_with(server).unwrap();
        (0..3).for_each(|_| meet_all(&repos));
        all_agree(&repos);
        let house = house(b, "h");
        assert_eq!((house.visits, house.steps.len()), (12, 2));
        assert_eq!(house.tags.iter().collect::<Vec<_>>(), ["a", "b", "server"]);
    }
}

#[test]
fn a_settled_fork_is_the_same_from_both_sides_and_again() {
    let (a, b) = twins(visit);
    visit(&a);
    (0..2).for_each(|_| visit(&b));
    let version = |repo: &Repo| {
        let key = Key::for_kind("House", "h").unwrap();
        repo.view().unwrap().version("House", &key).unwrap().unwrap()
    };
    let (x, y) = (version(&a), version(&b));
    let (here, there) = (settle(&x, &y, None).unwrap(), settle(&y, &x, None).unwrap());
    assert_eq!((&here.version, here.ours_lost), (&there.version, there.theirs_lost));
    for lost in [&x, &y] {
        assert_eq!(settle(&here.version, lost, None).unwrap().version, here.version);
    }
}

#[test]
fn what_a_view_gave_out_keeps_its_name() {
    let [a, b, third] = three(visit);
    (0..2).for_each(|_| visit(&a));
    let key = Key::for_kind("House", "h").unwrap();
    third.merge(&a.view().unwrap().version("House", &key).unwrap().unwrap()).unwrap();
    visit(&b);
    let repos = [a, b, third];
    (0..3).for_each(|_| meet_all(&repos));
    all_agree(&repos);
    assert_eq!(house(&repos[2], "h").visits, 4);
}

#[test]
fn whatever_meets_in_whatever_order_agrees_at_last() {
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let (mut repos, mut count) = (three(|_| {}), 0);
        if random.below(2) == 0 {
            (repos, count) = (three(visit), 1);
        }
        for _ in 0..8 {
            let (i, j) = (random.below(3), random.below(2));
            match random.below(2) {
                0 => {
                    let name = format!("<{count}>");
                    change(&repos[i], "h", |house: &mut House| {
                        house.visits += 1;
                        house.tags.insert(name.clone());
                        house.name = name.clone();
                    });
                    count += 1;
                }
                _ => _ = repos[i].sync_with(&repos[(i + 1 + j) % 3]).unwrap(),
            }
        }
        (0..4).for_each(|_| meet_all(&repos));
        assert!(repos.iter().all(|repo| repo.hash() == repos[0].hash()), "seed {seed}");
        all_agree(&repos);
        if count > 0 {
            assert_eq!(house(&repos[0], "h").visits, count, "seed {seed}");
        }
    }
}
