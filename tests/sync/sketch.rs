//! Two that never met find what differs by a sketch.

use super::{Journal, Note, change, fill, name, replica, repo_with, sync, talk, twin, write};
use crate::random::{Random, from_env};
use dronestore::stores::MemoryStore;
use dronestore::sync::Session;
use dronestore::testing::CountingStore;
use dronestore::{Drone, Repo};
use std::sync::Arc;

/// Two that hold the same so many notes, never met, and have both met a third.
pub fn strangers(count: usize) -> (Repo, Repo) {
    strangers_over(repo_with(count))
}

fn strangers_over(one: Repo) -> (Repo, Repo) {
    let (other, third) = (replica(&one), replica(&one));
    fill(&third, [0], "by the third");
    sync(&one, &third);
    sync(&other, &third);
    (one, other)
}

/// What a session took: turns of the caller in which the answerer had something to say, and bytes of the frames that
/// are no versions.
fn met(caller: &Repo, answerer: &Repo) -> (usize, usize) {
    let mut sides = (Session::call(caller), Session::answer(answerer));
    let said = talk(&mut sides.0, &mut sides.1).unwrap();
    assert!(sides.0.report().in_sync && sides.1.report().in_sync, "{}", sides.0.report());
    assert_eq!(caller.hash(), answerer.hash());
    let finding = said.iter().map(|turn| without_versions(turn)).sum();
    (said.chunks(2).filter(|turns| turns.len() == 2 && !turns[1].is_empty()).count(), finding)
}

fn without_versions(turn: &[u8]) -> usize {
    let frames = super::hostile::frames(turn);
    frames.iter().filter(|frame| !matches!(frame[0], 6..=8)).map(|frame| frame.len() + 2).sum()
}

/// Some numbers, each once.
fn numbers(random: &mut Random, count: usize, most: usize) -> Vec<usize> {
    let mut numbers = std::collections::BTreeSet::new();
    while numbers.len() < count {
        numbers.insert(random.below(most));
    }
    numbers.into_iter().collect()
}

/// Lets two differ in so many ids: by what one side changed, by what both did, by what is new on either.
fn differ(one: &Repo, other: &Repo, ids: usize, way: usize, random: &mut Random) {
    let most = one.len() as usize;
    match way {
        0 => fill(one, numbers(random, ids / 2, most), "by one"),
        1 => fill(other, numbers(random, ids / 2, most), "by the other"),
        2 => {
            let both = numbers(random, ids / 2, most);
            fill(one, both.iter().copied(), "by one");
            fill(other, both, "by the other");
        }
        _ => {
            fill(one, most..most + ids / 2, "new here");
            fill(other, most + ids..most + ids + ids / 2, "new there");
        }
    }
}

#[test]
fn few_bytes_and_turns_whatever_the_size() {
    let seed = from_env("DRONESTORE_SEED", 23);
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let base = repo_with(20_000);
    let (mut quick, mut all) = (0, 0);
    for (round, ids) in [2, 10, 40, 100, 300, 1000, 2000].into_iter().enumerate() {
        for way in [round % 4, (round + 2) % 4] {
            let (one, other) = strangers_over(replica(&base));
            differ(&one, &other, ids, way, &mut random);
            let (turns, bytes) = met(&one, &other);
            println!("{ids} ids, way {way}: {turns} turns, {bytes} bytes");
            quick += usize::from(turns <= 2);
            all += 1;
            assert!(turns <= 4, "{ids} ids, way {way}: {turns} turns");
            assert!(bytes <= 50 * (ids + 4) + 400, "{ids} ids, way {way}: {bytes} bytes");
        }
    }
    assert!(10 * quick >= 8 * all, "{quick} of {all}");
}

#[test]
fn strangers_that_hold_the_same_say_little_more() {
    let (one, other) = strangers(1000);
    let said = talk(&mut Session::call(&one), &mut Session::answer(&other)).unwrap();
    let bytes: usize = said.iter().map(Vec::len).sum();
    assert!(bytes <= 100, "{bytes}");
    // From then on they are not taken for strangers.
    let said = talk(&mut Session::call(&one), &mut Session::answer(&other)).unwrap();
    let bytes: usize = said.iter().map(Vec::len).sum();
    assert!(bytes <= 64, "{bytes}");
}

#[test]
fn only_the_first_session_reads_all() {
    let store = Arc::new(CountingStore::new(MemoryStore::new()));
    let one = Repo::builder().store(store.clone()).open().unwrap();
    fill(&one, 0..5000, "begun");
    let (one, other) = strangers_over(one);
    let mut before = store.counts();
    for round in 0..4 {
        // A stranger each time.
        let other = replica(&other);
        let third = replica(&other);
        fill(&third, [round], "by the third");
        sync(&other, &third);
        fill(&one, [100 * round + 7, 900], "by one");
        before = store.counts();
        met(&other, &one);
        let scanned = store.counts().pairs_scanned - before.pairs_scanned;
        assert!(scanned < 500, "{scanned}");
    }
    assert!(before.pairs_scanned > 5000);
}

#[test]
fn a_table_that_was_caught_up_finds_what_one_made_anew_does() {
    let seed = from_env("DRONESTORE_SEED", 31);
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let (mut one, other) = strangers(600);
    for round in 0..12 {
        let others = replica(&other);
        for _ in 0..random.below(60) {
            write(&one, &mut random, 800);
            write(&others, &mut random, 800);
        }
        if round % 3 == 0 {
            one.merge(&others).unwrap();
        }
        if round == 5 {
            // The log lets its older half go.
            (0..4200).for_each(|turn| fill(&one, [turn % 500], "often"));
        }
        if round == 8 {
            one = Repo::builder().store(one.store().clone()).open().unwrap();
        }
        // What is kept and what is made anew: a copy of the repo has nothing in memory yet.
        let copy = twin(&one);
        let (kept, anew) = (Session::call(&one), Session::call(&copy));
        for mut session in [kept, anew] {
            let answerer = twin(&others);
            talk(&mut session, &mut Session::answer(&answerer)).unwrap();
            assert!(session.report().in_sync, "seed {seed}, round {round}: {}", session.report());
            assert!(session.report().turns <= 6, "seed {seed}, round {round}: {}", session.report().turns);
        }
        assert_eq!(one.hash(), copy.hash());
        one.verify().unwrap();
    }
}

#[test]
fn what_one_side_alone_has_goes_only_one_way() {
    let (one, other) = strangers(2000);
    fill(&one, 100..150, "newer");
    let mut sides = (Session::call(&one), Session::answer(&other));
    talk(&mut sides.0, &mut sides.1).unwrap();
    assert_eq!((sides.0.report().sent, sides.1.report().sent), (50, 0));
    assert!(sides.0.report().in_sync && sides.1.report().in_sync);
}

#[test]
fn long_versions_are_not_sent_in_vain() {
    for calls in [true, false] {
        let (one, other) = strangers(500);
        for at in 0..3 {
            change::<Journal>(&one, name(at), |page| page.text = "long ".repeat(500));
        }
        let third = replica(&one);
        sync(&one, &third);
        sync(&other, &third);
        change::<Journal>(&one, name(1), |page| page.text.push_str("er"));
        change::<Journal>(&other, name(2), |page| page.text.push_str("er, too"));
        change::<Journal>(&other, name(9), |page| page.text = "new and long ".repeat(500));
        let (caller, answerer) = if calls { (&one, &other) } else { (&other, &one) };
        let mut sides = (Session::call(caller), Session::answer(answerer));
        talk(&mut sides.0, &mut sides.1).unwrap();
        let (report, others) = (sides.0.report(), sides.1.report());
        assert!(report.in_sync && others.in_sync, "{report}");
        assert_eq!(report.sent + others.sent, 3, "{report}; {others}");
    }
}

#[test]
fn a_large_difference_is_found_by_ranges() {
    let (one, other) = strangers(3000);
    fill(&one, 0..2500, "by one");
    fill(&other, 1000..3000, "by the other");
    sync(&one, &other);
    one.verify().unwrap();
}

#[derive(Drone, Debug, Clone, Default)]
struct Newer {
    #[merge(latest)]
    word: String,
}

#[test]
fn schemas_and_decisions_travel_too() {
    for calls in [true, false] {
        let (one, other) = strangers(500);
        change::<Newer>(&one, "a", |newer| newer.word = "new".into());
        fill(&one, [1], "left");
        fill(&other, [1], "right");
        let (caller, answerer) = if calls { (&one, &other) } else { (&other, &one) };
        met(caller, answerer);
        assert_eq!(one.schemas().unwrap(), other.schemas().unwrap());
        let third = replica(&one);
        let conflict = one.conflicts::<Note>().unwrap().next().unwrap().unwrap();
        conflict.resolve(&one, dronestore::Resolution::value(&"left").unwrap()).unwrap();
        met(&third, &one);
        assert_eq!(third.conflicts::<Note>().unwrap().count().unwrap(), 0);
    }
}

#[test]
fn a_fork_is_healed() {
    let (one, _) = strangers(400);
    let other = twin(&one);
    fill(&one, [9], "one");
    fill(&other, [9], "other");
    fill(&one, [3], "besides");
    assert!(one.sync_with(&other).unwrap().is_copy);
    // What was healed on the way is known everywhere after another meeting.
    assert!(one.sync_with(&other).unwrap().in_sync);
    assert_eq!(one.hash(), other.hash());
    assert_eq!(other.get::<Note>(name(3)).unwrap().unwrap().title, "besides");
    assert_eq!((one.verify().unwrap().forked, other.verify().unwrap().forked), (0, 0));
}

#[test]
fn writes_meanwhile_do_no_harm() {
    let (one, other) = strangers(1000);
    for round in 0..20 {
        let (one, other) = (twin(&one), replica(&other));
        fill(&one, [round, 5], "before");
        fill(&other, [round + 30, 6], "before");
        let (mut caller, mut answerer) = (Session::call(&one), Session::answer(&other));
        let (mut wire, mut turn) = (Vec::new(), 0);
        while !(caller.is_done() && answerer.is_done()) {
            let (from, to) =
                if turn % 2 == 0 { (&mut caller, &mut answerer) } else { (&mut answerer, &mut caller) };
            wire.clear();
            from.send(&mut wire).unwrap();
            to.receive(&wire).unwrap();
            turn += 1;
            if turn % 5 == round % 5 {
                fill(if turn % 2 == 0 { &one } else { &other }, [turn, 5, 900 + round], "meanwhile");
            }
        }
        sync(&one, &other);
    }
}
