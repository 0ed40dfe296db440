//! Two repos, and many, in one process.

use super::{Journal, Note, change, fill, name, replica, repo_with, sync, talk, twin, write};
use crate::random::{Random, from_env};
use dronestore::sync::Session;
use dronestore::{Clock, ErrorKind, Nanotime, Repo, Resolution};

#[test]
fn both_get_what_they_lack() {
    for count in [0, 1, 30, 33, 500, 3000] {
        let one = repo_with(count);
        let other = replica(&one);
        fill(&one, [0, count + 1], "by one");
        fill(&other, [0, count / 2, count + 2], "by the other");
        change::<Journal>(&other, "day", |page| page.text.push_str("a page"));
        let report = sync(&one, &other);
        assert!(report.received.has_news() && report.sent > 0, "{count}: {report}");
        assert!(report.received.forked.is_empty());
        assert_eq!(one.get::<Note>(name(0)).unwrap().unwrap().tags.len(), if count > 0 { 3 } else { 2 });
        for repo in [&one, &other] {
            repo.verify().unwrap();
        }
    }
}

#[test]
fn an_empty_repo_takes_all_and_joins() {
    for calls in [true, false] {
        let (full, empty) = (repo_with(2500), Repo::memory().unwrap());
        let (one, other) = if calls { (&empty, &full) } else { (&full, &empty) };
        sync(one, other);
        assert_eq!((empty.database(), empty.len()), (full.database(), 2500));
        assert_eq!(empty.schemas().unwrap(), full.schemas().unwrap());
        empty.verify().unwrap();
    }
    let (one, other) = (Repo::memory().unwrap(), Repo::memory().unwrap());
    sync(&one, &other);
    assert_eq!(one.database(), other.database());
}

#[test]
fn repos_of_two_databases_are_refused_unless_both_mix() {
    let (one, other) = (repo_with(3), repo_with(40));
    let hashes = (one.hash(), other.hash());
    assert_eq!(one.sync_with(&other).unwrap_err().kind(), ErrorKind::Mismatch);
    let mut half = (Session::call(&one).foreign(), Session::answer(&other));
    assert_eq!(talk(&mut half.0, &mut half.1).unwrap_err().kind(), ErrorKind::Mismatch);
    // The other side is told why.
    let mut told = Vec::new();
    half.1.send(&mut told).unwrap();
    assert_eq!(half.0.receive(&told).unwrap_err().kind(), ErrorKind::Mismatch);
    assert_eq!((one.hash(), other.hash()), hashes);
    talk(&mut Session::call(&one).foreign(), &mut Session::answer(&other).foreign()).unwrap();
    assert_eq!(one.hash(), other.hash());
    assert_ne!(one.database(), other.database());
}

#[test]
fn large_versions_travel_in_pieces() {
    let one = repo_with(50);
    let other = replica(&one);
    let long = "0123456789".repeat(700_000);
    let put = |repo: &Repo, at: &str| {
        change::<Note>(repo, at, |note| note.title = long.clone());
    };
    put(&one, "large");
    put(&one, "both");
    put(&other, "both");
    put(&other, &name(7));
    sync(&one, &other);
    assert_eq!(other.get::<Note>("large").unwrap().unwrap().title.len(), long.len());
    // Only one side has something new of it: it is asked about, and not sent in vain.
    fill(&one, [7], "shorter");
    change::<Note>(&one, name(7), |note| note.title = long.clone());
    let report = sync(&other, &one);
    assert!(report.bytes_out < 1000 && report.bytes_in < 7_100_000, "{report}");
    fill(&one, [7], "short");
    let report = sync(&one, &other);
    assert!(report.bytes_out < 1000 && report.bytes_in < 1000, "{report}");
}

#[test]
fn writes_while_a_session_goes_on_are_reported_and_found_by_the_next() {
    let one = repo_with(200);
    let other = replica(&one);
    fill(&one, [5], "before");
    let (mut caller, mut answerer) = (Session::call(&one), Session::answer(&other));
    let mut wire = Vec::new();
    let mut turns = 0;
    while !(caller.is_done() && answerer.is_done()) {
        let (from, to) =
            if turns % 2 == 0 { (&mut caller, &mut answerer) } else { (&mut answerer, &mut caller) };
        wire.clear();
        from.send(&mut wire).unwrap();
        to.receive(&wire).unwrap();
        turns += 1;
        fill(if turns % 3 == 0 { &one } else { &other }, [turns], "meanwhile");
    }
    assert!(!caller.report().in_sync && !answerer.report().in_sync);
    sync(&one, &other);
}

#[test]
fn two_copies_that_meet_are_healed_by_their_session() {
    // What no prevention can see: two machines rolled back to one state go on with one actor.
    let one = repo_with(100);
    let other = twin(&one);
    fill(&one, [9], "one");
    fill(&other, [9], "other");
    fill(&one, [3], "besides");
    let report = one.sync_with(&other).unwrap();
    assert!(report.is_copy && report.received.forked.is_empty(), "{report}");
    sync(&one, &other);
    for repo in [&one, &other] {
        assert_eq!(repo.verify().unwrap().forked, 0);
        assert_eq!(repo.get::<Note>(name(9)).unwrap().unwrap().visits, 3);
        assert_eq!(repo.get::<Note>(name(3)).unwrap().unwrap().title, "besides");
    }
    assert_ne!(one.actor(), other.actor());
}

#[derive(Debug)]
struct Ahead;

impl Clock for Ahead {
    fn now(&self) -> Nanotime {
        Nanotime::from_nanos(dronestore::SystemClock.now().as_nanos() + 86_400_000_000_000 * 365)
    }
}

#[test]
fn a_clock_that_is_far_ahead_is_served_and_reported() {
    let one = repo_with(10);
    let other = Repo::builder().clock(Ahead).replica_of(&one).open().unwrap();
    fill(&other, [3, 50], "from next year");
    let report = sync(&one, &other);
    assert!(report.ahead.is_some(), "{report}");
    fill(&one, [3], "now");
    sync(&one, &other);
    assert_eq!(other.get::<Note>(name(3)).unwrap().unwrap().title, "now");
}

#[test]
fn decisions_travel() {
    let one = repo_with(60);
    let other = replica(&one);
    fill(&one, [1], "left");
    fill(&other, [1], "right");
    sync(&one, &other);
    let conflict = one.conflicts::<Note>().unwrap().next().unwrap().unwrap();
    conflict.resolve(&one, Resolution::value(&"left").unwrap()).unwrap();
    sync(&other, &one);
    assert_eq!(other.conflicts::<Note>().unwrap().count().unwrap(), 0);
}

#[test]
fn repos_that_meet_at_random_end_on_one_hash() {
    let seed = from_env("DRONESTORE_SEED", 11);
    println!("seed {seed}");
    let mut random = Random::new(seed);
    for round in 0..30 {
        let first = repo_with([0, 20, 400][round % 3]);
        let count = 2 + random.below(5);
        let repos: Vec<Repo> =
            (0..count).map(|number| if number == 0 { first.clone() } else { replica(&first) }).collect();
        let most = [5, 50, 500][random.below(3)];
        for _ in 0..20 {
            for _ in 0..random.below(6) {
                write(&repos[random.below(count)], &mut random, most);
            }
            let (one, other) = (random.below(count), random.below(count));
            if one != other {
                repos[one].sync_with(&repos[other]).unwrap();
                assert_eq!(repos[one].hash(), repos[other].hash(), "seed {seed}, round {round}");
            }
        }
        // What one has comes to the last, and from there to all.
        for pair in repos.windows(2) {
            sync(&pair[0], &pair[1]);
        }
        for repo in repos.iter().rev() {
            sync(repo, &repos[count - 1]);
            assert_eq!(repo.hash(), repos[count - 1].hash());
            repo.verify().unwrap();
        }
    }
}
