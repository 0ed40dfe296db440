//! What is pushed, what is not, and that it ends: the session alone, without a carrier.

use super::{Pair, staying};
use crate::random::{Random, from_env};
use crate::sync::{Note, change, fill, name, replica, repo_with, sync, twin, write};
use dronestore::sync::Session;
use dronestore::{Drone, Repo};

#[test]
fn what_is_committed_arrives_and_nothing_comes_back() {
    let (one, other, mut pair) = staying(100);
    fill(&one, 0..50, "by one");
    pair.settle();
    pair.assert_in_sync();
    assert_eq!((pair.caller.report().sent, pair.answerer.report().sent), (50, 0));
    fill(&other, 200..230, "by the other");
    pair.settle();
    pair.assert_in_sync();
    assert_eq!((pair.caller.report().sent, pair.answerer.report().sent), (50, 30));
    assert_eq!(pair.caller.report().received.known + pair.answerer.report().received.known, 0);
    assert_eq!(one.get::<Note>(name(200)).unwrap().unwrap().title, "by the other");
    one.verify().unwrap();
    other.verify().unwrap();
    // Nothing more is said, but for a sign of life.
    assert_eq!(pair.settle(), 0);
    let kept = pair.moment();
    let quiet = pair.moment();
    assert!(kept <= 30 && quiet <= 30, "{kept} {quiet}");
}

#[test]
fn of_an_object_changed_often_the_newest_version_travels() {
    let (one, _, mut pair) = staying(10);
    for turn in 0..10 {
        fill(&one, [3], &format!("turn {turn}"));
    }
    pair.settle();
    pair.assert_in_sync();
    assert_eq!(pair.caller.report().sent, 1);
}

#[test]
fn a_merge_that_made_something_new_is_pushed_back() {
    let (one, other, mut pair) = staying(10);
    fill(&one, [3], "by one");
    fill(&other, [3], "by the other");
    pair.settle();
    pair.assert_in_sync();
    let sent = pair.caller.report().sent + pair.answerer.report().sent;
    assert!(sent <= 4, "{sent}");
    assert_eq!(one.get::<Note>(name(3)).unwrap().unwrap().tags.len(), 3);
}

#[test]
fn what_comes_by_way_of_others_is_passed_on() {
    let (one, other, mut pair) = staying(20);
    let third = replica(&one);
    fill(&third, [1, 30, 31], "by the third");
    sync(&third, &one);
    pair.settle();
    pair.assert_in_sync();
    assert_eq!(other.hash(), third.hash());
    // What the other side has from somebody else in the meantime is not pushed where it says so first.
    fill(&third, [2], "by the third");
    sync(&third, &other);
    pair.settle();
    sync(&third, &one);
    pair.settle();
    assert_eq!(pair.caller.report().sent, 3);
}

#[test]
fn a_session_comes_to_stay_only_where_both_want_it() {
    let one = repo_with(20);
    let other = replica(&one);
    for (differ, caller_stays, answerer_stays) in
        [(false, true, false), (false, false, true), (true, true, false), (true, false, true)]
    {
        if differ {
            fill(&one, [5], "by one");
        }
        let session = |session: Session, stays: bool| if stays { session.live() } else { session };
        let caller = session(Session::call(&one), caller_stays);
        let answerer = session(Session::answer(&other), answerer_stays);
        let mut pair = Pair { caller, answerer, wires: Default::default() };
        pair.settle();
        assert!(pair.caller.is_done() && pair.answerer.is_done());
        assert!(pair.caller.report().in_sync);
    }
}

#[test]
fn writes_of_the_moment_of_comparing_are_not_missed() {
    for cut in 1..40 {
        let one = repo_with(120);
        let other = replica(&one);
        fill(&one, [1, 50, 130], "by one");
        fill(&other, [2, 50, 131], "by the other");
        let mut pair = Pair::new(&one, &other);
        let mut random = Random::new(cut);
        for step in 0..cut {
            pair.step(&mut random);
            fill(if step % 2 == 0 { &one } else { &other }, [step as usize * 3], "meanwhile");
        }
        pair.settle();
        pair.assert_in_sync();
    }
}

#[test]
fn a_log_that_was_trimmed_leads_back_to_comparing() {
    for side in 0..2 {
        let (one, other, mut pair) = staying(300);
        let writer = if side == 0 { &one } else { &other };
        let reader = if side == 0 { &other } else { &one };
        (0..4200).for_each(|turn| fill(writer, [turn % 280], "often"));
        fill(reader, [299, 400], "by the reader");
        pair.settle();
        pair.assert_in_sync();
        assert!(pair.caller.is_live() && pair.answerer.is_live());
        let sent = pair.caller.report().sent + pair.answerer.report().sent;
        // Who finds an old version in a list sends it, and gets the new one back.
        assert!((281..=570).contains(&sent), "{sent}");
        // And it goes on.
        fill(writer, [5], "once more");
        pair.settle();
        pair.assert_in_sync();
    }
}

#[test]
fn a_fork_that_nobody_can_heal_does_not_keep_two_busy() {
    let one = repo_with(50);
    let other = twin(&one);
    fill(&one, [9], "one");
    fill(&other, [9], "other");
    // Opened again neither knows its own writes, and of what one actor wrote twice one is set aside.
    let (one, other) = (twin(&one), twin(&other));
    let mut pair = Pair::new(&one, &other);
    pair.settle();
    assert!(one.verify().unwrap().forked + other.verify().unwrap().forked >= 1);
    let moments: Vec<usize> = (0..200).map(|_| pair.moment()).collect();
    let compared = moments.iter().filter(|bytes| **bytes > 40).count();
    assert!(compared <= 10, "compared {compared} times: {moments:?}");
    // Everything else goes on.
    fill(&one, [3, 60], "besides");
    pair.settle();
    assert_eq!(other.get::<Note>(name(60)).unwrap().unwrap().title, "besides");
    pair.assert_in_sync();
}

/// A copy that was not noticed, written to on both sides: one side takes a new actor in the midst of it.
#[test]
fn copies_heal_while_they_stay() {
    for healed_before in [true, false] {
        let begun = repo_with(400);
        let (one, other) = (twin(&begun), twin(&begun));
        let mut pair = Pair::new(&one, &other);
        if !healed_before {
            pair.settle();
            assert!(pair.caller.is_live() && pair.caller.report().is_copy);
        }
        fill(&one, [9, 10, 11], "one");
        fill(&other, [9, 10, 12], "other");
        pair.settle();
        pair.assert_in_sync();
        assert_ne!(one.actor(), other.actor());
        assert_eq!(one.verify().unwrap().forked + other.verify().unwrap().forked, 0);
        assert_eq!(one.get::<Note>(name(9)).unwrap().unwrap().tags.len(), 3);
        for turn in 0..5 {
            fill(&one, [turn, 20], "on");
            fill(&other, [turn + 2, 20], "and on");
            pair.settle();
            pair.moment();
            pair.assert_in_sync();
        }
        assert_eq!(pair.moment() + pair.settle(), pair.moment());
        for (caller, answerer) in [(&one, &other), (&other, &one)] {
            fill(caller, [7], "again");
            Pair::live(caller, answerer).assert_in_sync();
        }
    }
}

/// The answerer remembers a later point than the caller, whose answer was lost.
#[test]
fn an_answer_that_was_lost_costs_nothing_where_the_caller_wrote_nothing() {
    let (one, other, mut pair) = staying(3000);
    fill(&other, [5], "first");
    pair.settle();
    pair.moment();
    pair.caller.keep_alive();
    fill(&other, [6], "pushed");
    pair.send(1).unwrap();
    pair.deliver(1, usize::MAX).unwrap();
    pair.send(0).unwrap();
    pair.deliver(0, usize::MAX).unwrap();
    // The answerer agrees, and is not heard.
    pair.send(1).unwrap();
    drop(pair);
    fill(&other, [8], "later");
    let pair = Pair::live(&one, &other);
    pair.assert_in_sync();
    let report = pair.caller.report();
    assert!(report.turns <= 3 && report.bytes_in + report.bytes_out < 1000, "{report}");
}

#[test]
fn a_session_about_a_part_ends_as_it_always_did() {
    let scope = || dronestore::sync::Scope::everything().kind::<Note>();
    for side in 0..2 {
        let one = repo_with(20);
        let other = replica(&one);
        for turn in 0..2 {
            let mut pair = Pair::new(&one, &other);
            match side {
                0 => pair.caller = pair.caller.within(scope()),
                _ => pair.answerer = pair.answerer.within(scope()),
            }
            pair.settle();
            assert!(pair.caller.is_done() && pair.answerer.is_done(), "{side} {turn}");
            assert!(pair.caller.report().in_sync);
            fill(&one, [3], "more");
        }
    }
}

#[test]
fn a_connection_that_broke_costs_what_is_new() {
    let (one, other, mut pair) = staying(3000);
    for round in 0..10 {
        fill(&one, round * 20..round * 20 + 10, "by one");
        fill(&other, round * 30 + 1000..round * 30 + 1010, "by the other");
        pair.settle();
        pair.moment();
    }
    fill(&one, [7], "just before");
    pair.send(0).unwrap();
    drop(pair);
    fill(&other, [2000], "later");
    for (caller, answerer) in [(&one, &other), (&other, &one)] {
        let pair = Pair::live(caller, answerer);
        pair.assert_in_sync();
        let report = pair.caller.report();
        assert!(report.turns <= 3 && report.bytes_in + report.bytes_out < 1500, "{report}");
    }
}

#[derive(Drone, Debug, Clone, Default)]
struct Newer {
    #[merge(latest)]
    word: String,
}

#[test]
fn new_schemas_and_large_objects_travel_too() {
    let (one, other, mut pair) = staying(10);
    change::<Newer>(&one, "a", |newer| newer.word = "x".repeat(300_000));
    fill(&other, [2], "meanwhile");
    pair.settle();
    pair.assert_in_sync();
    assert_eq!(one.schemas().unwrap(), other.schemas().unwrap());
    change::<Newer>(&one, "a", |newer| newer.word.push('y'));
    fill(&one, [3], "behind");
    let mut random = Random::new(3);
    for _ in 0..200 {
        pair.step(&mut random);
    }
    pair.settle();
    pair.assert_in_sync();
}

/// After quiet both hold the same and know it, whatever was written, in whatever pieces what was said arrived, and
/// whenever it broke; and then nothing more is said.
#[test]
fn random_histories_end_on_one_hash() {
    let seed = from_env("DRONESTORE_SEED", 17);
    println!("seed {seed}");
    for round in 0..from_env("DRONESTORE_LIVE", 120) {
        let mut random = Random::new(seed + round * 7919);
        let one = repo_with([0, 10, 200][random.below(3)]);
        let other = replica(&one);
        let third = replica(&one);
        let repos = [&one, &other];
        let mut pair = Pair::new(&one, &other);
        let most = [3, 50, 500][random.below(3)];
        for _ in 0..random.below(300) {
            match random.below(60) {
                0 => {
                    pair = match random.below(2) {
                        0 => Pair::new(&one, &other),
                        _ => Pair::new(&other, &one),
                    }
                }
                1 => {
                    pair.caller.keep_alive();
                    pair.answerer.keep_alive();
                }
                2 => write(&third, &mut random, most),
                3 => drop(repos[random.below(2)].merge(&third).unwrap()),
                4..20 => write(repos[random.below(2)], &mut random, most),
                _ => pair.step(&mut random),
            }
        }
        let bytes = pair.settle();
        pair.assert_in_sync();
        assert_eq!(pair.settle(), 0, "seed {seed}, round {round}");
        assert!(bytes < 1 << 20, "{bytes}");
        if round % 10 == 0 {
            one.verify().unwrap();
            other.verify().unwrap();
        }
    }
}

#[test]
fn an_empty_repo_takes_all_and_stays() {
    for full_calls in [true, false] {
        let (full, empty) = (repo_with(3000), Repo::memory().unwrap());
        let mut pair = if full_calls { Pair::live(&full, &empty) } else { Pair::live(&empty, &full) };
        pair.assert_in_sync();
        assert_eq!(pair.caller.report().sent + pair.answerer.report().sent, 3000);
        change::<Newer>(&empty, "a", |newer| newer.word.push('y'));
        pair.settle();
        pair.assert_in_sync();
        // Back to comparing, now that it is empty no more, nor of another database.
        (0..4200).for_each(|turn| fill(&empty, [turn % 280], "often"));
        pair.settle();
        pair.assert_in_sync();
        assert!(pair.caller.is_live() && pair.answerer.is_live());
    }
}
