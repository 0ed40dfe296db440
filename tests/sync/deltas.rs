//! Deltas in sessions: what they cost, that they change nothing, and what becomes of those that fit nothing.

use super::{change, fill, name, replica, repo_with, sync, talk, twin, write};
use crate::random::{Random, from_env};
use dronestore::sync::{Session, SyncReport};
use dronestore::{Drone, Repo};
use std::collections::BTreeSet;

#[derive(Drone, Debug, Clone, Default, PartialEq)]
#[drone(kind = "Card")]
struct Card {
    #[merge(latest)]
    first: String,
    #[merge(latest)]
    last: String,
    #[merge(latest)]
    phone: String,
    #[merge(max)]
    age: u32,
    #[merge(counter)]
    visits: u64,
    #[merge(set)]
    tags: BTreeSet<String>,
}

fn put(repo: &Repo, numbers: impl Iterator<Item = usize>, edit: impl Fn(&mut Card, usize)) {
    let all = |transaction: &mut dronestore::Transaction<'_>| {
        for number in numbers {
            transaction.update::<Card>(name(number), |card| {
                edit(card, number);
                Ok(())
            })?;
        }
        Ok(())
    };
    repo.transaction(all).unwrap();
}

/// Two that have met and hold so many cards.
fn met(count: usize) -> (Repo, Repo) {
    let one = Repo::memory().unwrap();
    put(&one, 0..count, |card, number| {
        (card.first, card.last) = (format!("first {number}"), format!("last {number}"));
        (card.phone, card.age, card.visits) = (format!("{number:010}"), 30, 1);
        card.tags = BTreeSet::from(["a".into(), "b".into()]);
    });
    let other = replica(&one);
    // Twice: with the first meeting each learns the other, with the second that whom it calls is known.
    for age in [31, 32] {
        put(&one, 0..1, |card, _| card.age = age);
        sync(&one, &other);
    }
    (one, other)
}

/// Edits of one field of ten bytes, spread evenly.
fn edit(repo: &Repo, count: usize, of: usize, salt: usize) {
    let step = of / count;
    put(repo, (0..count).map(|number| number * step), |card, number| {
        card.phone = format!("{:010}", (number * 7919 + salt * 104_729) % 1_000_000_007);
    });
}

fn bytes(report: &SyncReport) -> usize {
    (report.bytes_in + report.bytes_out) as usize
}

#[test]
fn an_edit_of_one_field_takes_hardly_more_than_the_field() {
    let (one, other) = met(20_000);
    // Edits, and what the best of others takes for each: once and a half of it and 64 bytes are allowed.
    for (edits, best) in [(1, 120.0), (10, 23.7), (100, 20.3), (1000, 19.1)] {
        for (round, (caller, answerer, writer)) in
            [(&one, &other, &one), (&one, &other, &other)].into_iter().enumerate()
        {
            edit(writer, edits, 20_000, edits + round);
            let report = sync(caller, answerer);
            println!("{edits}: {} bytes, {} turns; {report}", bytes(&report), report.turns);
            assert!(report.turns <= 2, "{report}");
            assert!((bytes(&report) as f64) < 1.5 * best * edits as f64 + 64.0, "{edits}: {report}");
            assert_eq!(report.deltas, if round == 0 { edits } else { 0 });
        }
    }
}

#[test]
fn a_write_that_is_not_one_commit_on_what_both_hold_is_told_too() {
    let (one, other) = met(100);
    let mut late = one.get::<Card>(name(5)).unwrap().unwrap();
    put(&one, [5].into_iter(), |card, _| card.age += 10);
    sync(&one, &other);
    // Made on the version before the one that both hold.
    late.phone = "late".into();
    one.save(&mut late).unwrap();
    // Twice, in one batch.
    put(&one, [6, 6].into_iter(), |card, _| card.visits += 1);
    // Without the Rust type.
    let key = one.get::<Card>(name(7)).unwrap().unwrap().key().clone();
    one.update_values("Card", &key, |values| {
        values.insert("phone".into(), "untyped".into());
        Ok(())
    })
    .unwrap();
    let changes = one.changes().unwrap().map(Result::unwrap);
    let named: Vec<_> = changes.filter(|change| change.attributes.is_some()).collect();
    let last: Vec<bool> = named[named.len() - 3..].iter().map(|change| change.is_commit).collect();
    assert_eq!(last, [false, false, true]);
    let report = sync(&one, &other);
    assert_eq!((report.deltas, report.turns), (3, 2), "{report}");
    assert_eq!(other.get::<Card>(name(5)).unwrap().unwrap().phone, "late");
}

#[test]
fn edits_on_both_sides_take_a_turn_and_a_list_more() {
    let (one, other) = met(2000);
    edit(&one, 100, 2000, 1);
    put(&other, (0..100).map(|number| number * 20 + 7), |card, _| card.visits += 1);
    let report = sync(&one, &other);
    println!("{} bytes; {report}, {} turns", bytes(&report), report.turns);
    assert_eq!((report.turns, report.deltas, report.received.forwarded), (3, 100, 100));
    assert!(bytes(&report) < 200 * 60 + 300, "{report}");
}

#[test]
fn many_edits_are_told_in_several_turns() {
    let (one, other) = met(12_000);
    let long = "long ".repeat(100);
    for writer in [&one, &other] {
        put(writer, 0..12_000, |card, _| card.last = format!("{long}{}", writer.actor()));
        let report = sync(&one, &other);
        assert!(report.turns > 2, "{report}, {} turns", report.turns);
        assert_eq!(report.deltas + report.received.forwarded, 12_000);
    }
}

#[test]
fn what_went_through_a_third_is_told_as_deltas_too() {
    let (one, hub) = met(300);
    let other = replica(&hub);
    edit(&one, 3, 300, 1);
    sync(&one, &hub);
    sync(&other, &hub);
    for round in 2..6 {
        edit(&one, 20, 300, round);
        sync(&one, &hub);
        let report = sync(&hub, &other);
        assert_eq!((report.deltas, report.turns), (20, 2), "{report}");
    }
}

#[test]
fn new_and_deleted_objects_and_several_edits_are_told() {
    let (one, other) = met(100);
    let texts = |repo: &Repo| {
        change::<super::Journal>(repo, "day", |page| page.text.push_str(&"word ".repeat(4000)));
        change::<super::Journal>(repo, "day", |page| page.text.insert_str(7, "more"));
    };
    texts(&one);
    // A new schema: no log tells of it, so that session goes by ranges.
    assert_eq!(sync(&one, &other).deltas, 0);
    for round in 0..3 {
        one.delete::<Card>(name(3 + round)).unwrap();
        put(&one, [5, 5, 6, 200 + round].into_iter(), |card, number| {
            card.tags.insert(format!("{round} {number} {}", card.visits));
            card.visits += 1;
        });
        one.put(name(3), Card { last: "anew".into(), ..Card::default() }).unwrap();
        texts(&one);
        let report = sync(&one, &other);
        assert!(report.turns <= 3 && report.deltas > 0, "{report}");
        one.verify().unwrap();
        other.verify().unwrap();
    }
}

#[test]
fn writes_during_a_session_leave_deltas_without_their_base() {
    for writes in 0..2 {
        let (one, other) = met(300);
        edit(&one, 30, 300, 1);
        let (mut caller, mut answerer) = (Session::call(&one), Session::answer(&other));
        let mut wire = Vec::new();
        for turn in 0.. {
            let (from, to) = match turn % 2 {
                0 => (&mut caller, &mut answerer),
                _ => (&mut answerer, &mut caller),
            };
            wire.clear();
            while from.send(&mut wire).is_ok() && wire.is_empty() && !from.is_done() {}
            to.receive(&wire).unwrap();
            if turn == writes {
                put(&other, [0, 7, 10].into_iter(), |card, _| card.phone = "meanwhile".into());
            }
            if caller.is_done() && answerer.is_done() {
                break;
            }
        }
        // Both wrote it, and both writes are there.
        sync(&one, &other);
        assert_eq!(other.get::<Card>(name(0)).unwrap().unwrap().phone, "meanwhile");
        assert_ne!(other.get::<Card>(name(20)).unwrap().unwrap().phone, "0000000020");
        other.verify().unwrap();
    }
}

#[test]
fn sessions_by_deltas_end_where_merging_does() {
    let seed = from_env("DRONESTORE_SEED", 11);
    for round in 0..6 {
        let mut random = Random::new(seed + round);
        let first = repo_with(60);
        let repos = [replica(&first), replica(&first), first];
        let mut deltas = 0;
        for _ in 0..60 {
            for _ in 0..random.below(6) {
                let repo = &repos[random.below(3)];
                write(repo, &mut random, 60);
                if random.below(4) == 0 {
                    change::<super::Note>(repo, name(random.below(60)), |note| note.visits += 1);
                }
            }
            let (one, other) = (random.below(3), random.below(3));
            if one == other {
                continue;
            }
            let (merged, theirs) = (twin(&repos[one]), twin(&repos[other]));
            merged.merge(&theirs).unwrap();
            let report = sync(&repos[one], &repos[other]);
            assert_eq!(repos[one].hash(), merged.hash(), "seed {seed}, round {round}");
            deltas += report.deltas;
        }
        repos.iter().for_each(|repo| _ = repo.verify().unwrap());
        assert!(deltas > 10, "{deltas}");
    }
}

#[test]
fn a_group_in_which_anything_is_wrong_changes_nothing() {
    let (one, other) = met(100);
    edit(&one, 10, 100, 1);
    let said = talk(&mut Session::call(&twin(&one)), &mut Session::answer(&twin(&other))).unwrap();
    let turn = &said[2];
    for at in 2..turn.len() - 20 {
        let mut forged = turn.clone();
        forged[at] ^= 1 << (at % 8);
        let victim = twin(&other);
        let before = victim.hash();
        let mut session = Session::answer(&victim);
        session.receive(&said[0]).unwrap();
        session.send(&mut Vec::new()).unwrap();
        let _ = session.receive(&forged);
        assert_eq!(victim.hash(), before, "byte {at}");
    }
    fill(&one, [1], "as before");
    sync(&one, &other);
}

/// Who told a write as a delta has given it away: it is not renamed afterwards, or it would count twice.
#[test]
fn what_was_told_as_a_delta_is_known_elsewhere() {
    let (begun, third) = met(20);
    let (one, other) = (twin(&begun), twin(&begun));
    let visit =
        |repo: &Repo, times: u64| (0..times).for_each(|_| put(repo, 3..4, |card, _| card.visits += 1));
    visit(&one, 2);
    let report = one.sync_with(&third).unwrap();
    assert_eq!((report.sent, report.deltas), (1, 1));
    visit(&other, 1);
    one.merge(&other).unwrap();
    for _ in 0..2 {
        for (a, b) in [(&one, &third), (&other, &one), (&third, &other)] {
            a.sync_with(b).unwrap();
        }
    }
    for repo in [&one, &other, &third] {
        assert_eq!(repo.get::<Card>(name(3)).unwrap().unwrap().visits, 4);
    }
}
